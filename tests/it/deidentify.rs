//! Listing, comparing and de-identifying data elements, on files made byte by byte and on the shared ones.

mod made;
mod profile;
mod shared_files;
mod tags;
