//! Days (日期的推算) before and after others.

use crate::eval::plan::Calendar;
use crate::number::{Real, Rounding};
use chrono::{Days, Months, NaiveDate};

/// The day so many years, months or days after another; none outside the calendar. A part of one does not count.
pub(crate) fn after(day: NaiveDate, count: &Real, calendar: Calendar) -> Option<NaiveDate> {
    let count = count.round(Rounding::Floor, 0).to_i64()?;
    let (back, many) = (count < 0, count.unsigned_abs());
    match calendar {
        Calendar::Days => {
            let days = Days::new(many);
            if back { day.checked_sub_days(days) } else { day.checked_add_days(days) }
        }
        Calendar::Years | Calendar::Months => {
            let months = if calendar == Calendar::Years { many.checked_mul(12)? } else { many };
            let months = Months::new(u32::try_from(months).ok()?);
            if back { day.checked_sub_months(months) } else { day.checked_add_months(months) }
        }
    }
}
