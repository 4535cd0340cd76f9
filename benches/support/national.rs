//! Whole counties by the built-in national rubric (县域优质均衡的全过程): schools that are split into their stages, the
//! county over them, the county's own form.

use heng::eval::{Batch, Wanted};
use heng::model::Slot;
use heng::{Date, Engine, Options, Table, Tracing};
use std::fmt::Write as _;

/// Schools of one county: each third has two stages, so there are a third more units.
const SCHOOLS: usize = 30;

/// The rules and the submissions of so many schools.
pub struct National {
    engine: Engine,
    rubric: usize,
    table: Table,
    day: Date,
}

impl National {
    /// Made-up schools, the same on any machine.
    pub fn made_up(schools: usize) -> National {
        let text = "评价体系 全县 { 对象 县; 汇总 national/优质均衡2017学部 简称 校; 指标 R { 取值 占比(校.结论 == 达标) } }";
        let engine = Engine::from_text("rules.heng", text);
        assert_eq!(engine.errors(), 0, "{}", engine.told());
        let rubric = engine.rubric("national/优质均衡2017校际").unwrap();
        let file = super::root().join(format!("target/sixty/national_{schools}.csv"));
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, self::schools(schools)).unwrap();
        let (table, found, _) = engine.read(rubric, &[file], &Options::default()).unwrap();
        assert_eq!(found.errors(), 0, "{}", heng::report::diagnostics::concise(engine.texts(), &found, heng::Lang::En));
        National { engine, rubric, table, day: Date::from_ymd_opt(2024, 12, 31).unwrap() }
    }

    /// How many units are judged.
    pub fn units(&self) -> usize {
        self.table.len()
    }

    /// Ready to judge them fast.
    pub fn ready(&self) -> Batch<'_> {
        let wanted = Wanted { subjects: vec![Slot::Conclusion], groups: vec![Slot::Conclusion] };
        self.engine.batch(self.rubric, self.day, &wanted).unwrap()
    }

    /// Judges them all.
    pub fn judge(&self, batch: &mut Batch<'_>) {
        std::hint::black_box(batch.run(&self.table));
    }

    /// The same, row by row with exact numbers.
    pub fn exactly(&self) {
        std::hint::black_box(self.engine.evaluate(self.rubric, &self.table, self.day, Tracing::Off).unwrap());
    }
}

/// Submissions to `national/优质均衡学校`, about on their norms.
fn schools(number: usize) -> String {
    let mut text = String::from(
        "学校代码,学校名称,县代码,学校类别,城乡类型,建校年份,用地受限,小学在校生数,初中在校生数,随迁子女数,班级数,小学最大班额,初中最大班额,\
         小学专任教师数,小学专科学历教师数,小学本科学历教师数,小学研究生学历教师数,小学骨干教师数,小学体艺教师数,\
         初中专任教师数,初中本科学历教师数,初中研究生学历教师数,初中骨干教师数,初中体艺教师数,\
         教学及辅助用房面积,室内体育用房面积,体育馆面积,运动场面积,教学仪器设备值,多媒体教室数,\
         音乐教室数,音乐教室最小面积,美术教室数,美术教室最小面积,公用经费预算,教师培训经费,制定章程\n",
    );
    let mut state = 2017_u64;
    let mut upto = |limit: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % limit
    };
    for school in 0..number {
        let (kind, primary, lower) = match school % 3 {
            0 => ("小学", 200 + upto(1500), 0),
            1 => ("初中", 0, 200 + upto(1500)),
            _ => ("九年一贯制学校", 200 + upto(900), 200 + upto(900)),
        };
        let pupils = primary + lower;
        // A share of a norm, in thousandths.
        let mut about = |norm: u64, of: u64| norm * of * (950 + upto(400)) / 1000;
        let teachers = |count: u64| {
            if count == 0 {
                ["", "", "", "", "", ""].map(str::to_owned)
            } else {
                [10, 1, 7, 1, 2, 2].map(|part| (count * part / 120 + 1).to_string())
            }
        };
        let (own, other) = (teachers(primary), teachers(lower));
        let size = |count: u64, most: u64| if count == 0 { String::new() } else { (most - count % 10).to_string() };
        let area = about(5, pupils);
        let _ = write!(
            text,
            "{:010},学校{school},{:06},{kind},城区,{},否,{primary},{lower},0,{},{},{},",
            school + 1,
            100_000 + school / SCHOOLS,
            2000 + school % 20,
            pupils / 40 + 1,
            size(primary, 45),
            size(lower, 50),
        );
        let _ = write!(text, "{},{},{},{},{},", own[0], own[1], own[2], own[3], own[4]);
        let _ = write!(text, "{},{},{},{},{},{},", own[5], other[0], other[2], other[3], other[4], other[5]);
        let _ = writeln!(
            text,
            "{area},{},{},{},{},{},{},96,{},90,1000000,50000,是",
            area / 20,
            area / 20,
            about(9, pupils),
            about(22, pupils) / 100,
            about(24, pupils) / 1000 + 1,
            pupils / 480 + 1,
            pupils / 480 + 1,
        );
    }
    text
}
