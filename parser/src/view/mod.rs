//! The typed facts of a claim, alike for all five kinds.
//!
//! Fields are found by their names in the layouts, so nothing here counts columns: [`header`] for RE, HO and
//! SN, [`public_expense`] for KO, [`walk`] for everything that comes many times (diagnoses, lines, comments),
//! [`service_days`] for `D(c)`, [`check`] for what is wrong.

pub mod check;
pub mod comment;
pub mod diagnosis;
pub mod header;
pub mod line;
pub mod medical_lines;
pub mod nursing_lines;
pub mod pharmacy_lines;
pub mod public_expense;
pub mod service_days;
pub mod walk;

use crate::{
    field::{FieldRef, FieldType},
    layout::RecordLayout,
    record::{Cut, Record},
};

/// The place of a named field in a layout, if that kind of claim has it.
fn place<T>(layout: Option<&RecordLayout>, name: &str) -> Option<FieldRef<T>> {
    layout?.fields.iter().position(|f| f.name == name).map(FieldRef::new)
}

/// A typed field that this kind of claim may lack.
fn value<'a, T: FieldType>(record: Record<'a>, place: Option<FieldRef<T>>) -> Option<T::Value<'a>> {
    record.value(place?)
}

/// The same of a record that is cut already.
#[inline]
fn cut_value<'a, T: FieldType, const N: usize>(cut: &Cut<'a, N>, place: Option<FieldRef<T>>) -> Option<T::Value<'a>> {
    cut.value(place?)
}

/// Places of the named fields of one record in all five kinds. `a | b`: `b` where the kind calls it so.
macro_rules! places {
    ($(#[$doc:meta])* $name:ident $id:literal { $($field:ident $(| $alias:ident)?: $ty:ident),* $(,)? }) => {
        $(#[$doc])*
        struct $name { $($field: Option<$crate::field::FieldRef<$crate::field::$ty>>,)* }

        impl $name {
            fn of(kind: $crate::Kind) -> &'static Self {
                static ALL: std::sync::LazyLock<[$name; 5]> = std::sync::LazyLock::new(|| {
                    $crate::Kind::ALL.map(|kind| {
                        let layout = $crate::layout::of(kind, *$id);
                        $name { $($field: $crate::view::place(layout, stringify!($field))
                            $(.or_else(|| $crate::view::place(layout, stringify!($alias))))?,)* }
                    })
                });
                &ALL[kind.index()]
            }
        }
    };
}
pub(crate) use places;
