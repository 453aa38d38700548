-- Which Pluralsight courses take most of the learners' time?
select
    coalesce(course.title, '(not in the catalog: ' || progress.courseid || ')') as course,
    count(*) as learners,
    round(sum(progress.totalwatchedseconds) / 3600, 1) as hours,
    round(avg(progress.percentcomplete), 0) as percent_complete
from pluralsight.course_progress as progress
left join pluralsight.course_catalog as course on course.id = progress.courseid
group by all
order by hours desc
limit 10
