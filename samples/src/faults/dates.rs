//! E7xx: months and days that cannot be.

use tenken_parser::Kind;

use super::Work;
use crate::{
    calendar::{age, span, whole},
    order::Course,
    plan::{self, Scratch},
};

impl Work<'_> {
    pub(super) fn dates(&mut self, rule: &'static str, at: usize) -> bool {
        let d = &self.drafts[at];
        let visit = matches!(d.kind, Kind::Medical | Kind::Dental) && !d.inpatient && d.course == Course::Ordinary;
        let month = d.service;
        if !visit || !self.is_settled(at, month) {
            return false;
        }
        let p = self.person(at);
        let years = age(p.birth, span(month, d.days).0);
        let note = match rule {
            "E701" | "E702" => {
                let new = if rule == "E701" { self.exam.plus(1) } else { self.exam };
                let calm = (20..64).contains(&years)
                    && self.is_settled(at, new)
                    && d.publics.is_empty()
                    && d.tokki.is_empty()
                    && d.kind == Kind::Medical
                    && !plan::is_in_hospital(self.district, d.person, new)
                    && d.days & !whole(new) == 0;
                if !calm {
                    return false;
                }
                let shift = crate::calendar::first(new) - crate::calendar::first(month);
                // where the person never goes: the claim of that month to come is another institution's
                let elsewhere = self.district.institutions.spare[0];
                let d = &mut self.drafts[at];
                d.institution = elsewhere;
                d.service = new;
                for x in &mut d.diseases {
                    if x.start >= crate::calendar::first(month) {
                        x.start += shift;
                    }
                }
                if rule == "E701" { "未来の診療年月" } else { "当月請求" }
            }
            "E705" => {
                // a day that this month does not have
                if month.days() == 31 || d.kind != Kind::Medical {
                    return false;
                }
                self.drafts[at].days |= 1 << 30;
                "暦にない日"
            }
            "E707" => {
                self.drafts[at].scratch = Some(Scratch::DayCount);
                "実日数相違"
            }
            _ => return false,
        };
        self.drafts[at].judge(&[rule], note);
        true
    }
}
