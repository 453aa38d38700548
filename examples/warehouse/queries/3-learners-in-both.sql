-- Which people learn on both platforms? Only their number, and how many courses they have completed.
with pluralsight_people as (
    select lower(person.email) as email, count(*) filter (where progress.iscoursecompleted) as completed
    from pluralsight.users as person
    left join pluralsight.course_progress as progress on progress.psuserid = person.psuserid
    where person.email is not null
    group by all
),
skilljar_people as (
    select lower(person.user->>'email') as email, count(*) filter (where progress.course_progress->>'completed_at' is not null) as completed
    from skilljar.domain_users as person
    left join skilljar.user_course_progress as progress on progress.user_id = person.user_id
    group by all
)
select
    count(pluralsight_people.email) as on_pluralsight,
    count(skilljar_people.email) as on_skilljar,
    count(pluralsight_people.email) filter (where skilljar_people.email is not null) as on_both,
    cast(sum(coalesce(pluralsight_people.completed, 0)) as integer) as completed_on_pluralsight,
    cast(sum(coalesce(skilljar_people.completed, 0)) as integer) as completed_on_skilljar
from pluralsight_people
full outer join skilljar_people using (email)
