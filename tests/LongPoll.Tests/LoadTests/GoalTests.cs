using LongPoll.LoadTests;
using LongPoll.LoadTests.Report;
using Xunit;

namespace LongPoll.Tests.LoadTests;

/// <summary>What the table of peers says about runs on disk.</summary>
public sealed class GoalTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("longpoll-goals-").FullName;

    [Fact]
    public void Ratio_IsTheMedianOfTheRepetitionsOwn()
    {
        // The machine gets slower from one repetition to the next; within each, ours takes 0.5, 0.7 and 0.6 of the other's time.
        Write(1, "ours", "paced", ("p50", 1)); Write(1, "node", "paced", ("p50", 2));
        Write(2, "ours", "paced", ("p50", 7)); Write(2, "node", "paced", ("p50", 10));
        Write(3, "ours", "paced", ("p50", 60)); Write(3, "node", "paced", ("p50", 100));

        var table = PeerTable.Of(Repetitions.Load(_folder));

        Assert.Equal("0.60 × node (0.50–0.70)", GoalOf(table, "paced p50", "≤ 0.8 × node").Measured);
        Assert.True(GoalOf(table, "paced p50", "≤ 0.8 × node").IsMet);
        Assert.False(GoalOf(table, "paced p50 (stretch)", "≤ 0.5 × node").IsMet);
        Assert.Equal([7.0, 1, 60], table.Subjects["ours"]["paced p50, ms"]);
    }

    [Fact]
    public void Flood_HasToBeMore()
    {
        Write(1, "ours", "flood", ("released", 8100)); Write(1, "node", "flood", ("released", 2000));
        Write(1, "raw", "raw", ("commits of twenty clients", 9000));

        var table = PeerTable.Of(Repetitions.Load(_folder));

        Assert.True(GoalOf(table, "flood", "≥ 4 × node").IsMet);
        Assert.False(GoalOf(table, "flood (stretch)", "≥ 1 × commits of twenty clients").IsMet);
    }

    [Fact]
    public void ResetsOfConnections_CountAsStatements()
    {
        Write(1, "ours", "paced", ("statements to wait and settle", 2.1), ("statements to keep sessions", 14));

        var goal = GoalOf(PeerTable.Of(Repetitions.Load(_folder)), "database statements to wait and settle", "≤ 3 per payment");

        Assert.Equal("16.1 per payment", goal.Measured);
        Assert.False(goal.IsMet);
    }

    [Fact]
    public void WhatWasNotMeasured_IsNeitherMetNorMissed()
    {
        Write(1, "ours", "paced", ("p50", 1));

        Assert.Null(GoalOf(PeerTable.Of(Repetitions.Load(_folder)), "fan-out", "≤ 1 × nchan").IsMet);
    }

    [Fact]
    public void Table_IsDrawnWithEverySubject()
    {
        Write(1, "ours", "hold", ("bytes per parked page", 9000)); Write(1, "nchan", "hold", ("bytes per parked page", 11000));

        var table = PeerTable.Of(Repetitions.Load(_folder));

        Assert.Contains("| **LongPoll** | – | – | – | – | – | – | – | 9,000 (9,000–9,000) |", table.ToMarkdown(), StringComparison.Ordinal);
        var svg = System.Xml.Linq.XDocument.Parse(table.ToSvg());
        Assert.Equal(3, svg.Descendants().Count(e => e.Name.LocalName == "rect")); // the background and two bars
        Assert.Contains("11,000", svg.Root!.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void EmptyFolder_IsNoComparison() => Assert.Throws<RunImpossibleException>(() => Repetitions.Load(_folder));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static Goal GoalOf(PeerTable table, string name, string wanted) => Assert.Single(table.Goals, goal => goal.Name == name && goal.Wanted == wanted);

    private void Write(int repetition, string subject, string scenario, params (string Name, double Value)[] figures)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, $"rep{repetition}")).FullName;
        var report = new RunReport
        {
            Scenario = scenario,
            Subject = subject,
            Passed = true,
            StartedAt = new DateTimeOffset(2026, 11, 21, repetition, 0, 0, TimeSpan.Zero),
            Figures = figures.ToDictionary(f => f.Name, f => new Figure(f.Value, ""), StringComparer.Ordinal),
        };
        File.WriteAllText(Path.Combine(folder, $"{subject}-{scenario}.json"), report.ToJson());
    }
}
