-- How many courses were completed in each month, by source?
with completed as (
    select 'Pluralsight' as source, cast(completedon as timestamp) as moment
    from pluralsight.course_progress
    where iscoursecompleted
    union all
    select 'Skilljar', cast(course_progress->>'completed_at' as timestamp)
    from skilljar.user_course_progress
)
select strftime(moment, '%Y-%m') as month, source, count(*) as completions
from completed
where moment is not null
group by all
order by month, source
