-- A tick of the schedule is run once, whichever node comes first. What history is deleted stays counted.
alter table job_runs add column scheduled_for integer;
create unique index job_runs_tick on job_runs (job, scheduled_for) where scheduled_for is not null;
create table job_totals (
    job          text primary key,
    executions   integer not null,
    succeeded    integer not null,
    milliseconds real not null
);
