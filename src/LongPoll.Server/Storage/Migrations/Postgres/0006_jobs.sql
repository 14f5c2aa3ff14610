-- Runs of jobs. The one that has not ended holds the job: one node at a time.
create table job_runs (
    run_id       uuid primary key,
    job          text not null,
    started_at   timestamptz not null,
    leased_until timestamptz not null,
    ended_at     timestamptz,
    success      boolean not null default false
);
create unique index job_runs_running on job_runs (job) where ended_at is null;
create index job_runs_recent on job_runs (job, started_at);
