-- Which courses are started and then left? Progress older than 90 days that is not complete.
with progress as (
    select 'Pluralsight' as source, coalesce(course.title, progress.courseid) as course,
           progress.iscoursecompleted as done, cast(progress.lastviewedclipon as timestamp) as last_seen
    from pluralsight.course_progress as progress
    left join pluralsight.course_catalog as course on course.id = progress.courseid
    union all
    select 'Skilljar', course->>'title', course_progress->>'completed_at' is not null, course_progress_latest_activity
    from skilljar.user_course_progress
)
select
    source,
    course,
    count(*) as started,
    count(*) filter (where not done and last_seen < (select max(last_seen) from progress) - interval 90 day) as left_behind
from progress
group by all
having left_behind > 0
order by left_behind desc, started desc
limit 10
