using LongPoll.LoadTests.Subjects;

namespace LongPoll.LoadTests.Stack;

/// <summary>
/// Some nodes of a system that runs, as a system of its own: while it has its turn the other nodes stand still (SIGSTOP). So
/// whatever the machine, the database and warm-up are like in a minute, they are alike for all who take turns.
/// </summary>
internal sealed class Turn
{
    private readonly SystemUnderTest _all;
    private readonly HashSet<int> _nodes;

    /// <param name="name">What its figures stand under.</param>
    /// <param name="all">The running system.</param>
    /// <param name="nodes">Which of its nodes.</param>
    public Turn(string name, SystemUnderTest all, IReadOnlyCollection<int> nodes)
    {
        (Name, _all, _nodes) = (name, all, [.. nodes]);
        System = new SystemUnderTest
        {
            Subject = ((Shop)all.Subject).Of(nodes),
            Database = all.Database,
            Postgres = all.Postgres,
            Redis = all.Redis,
            Provider = all.Provider,
        };
        HashSet<int> still = [.. all.Nodes.Where((_, number) => !_nodes.Contains(number)).Select(node => node.Id)];
        System.Families.AddRange(all.Families.Where(family => !still.Contains(family.Pid)));
        foreach ((string what, string how) in all.Setting)
            System.Setting[what] = how;
        System.Setting["nodes"] = Name;
    }

    public string Name { get; }

    public SystemUnderTest System { get; }

    /// <summary>From here on only its own nodes run.</summary>
    public void Begin()
    {
        for (int number = 0; number < _all.Nodes.Count; number++)
        {
            if (_nodes.Contains(number))
                _all.Nodes[number].GoOn();
            else
                _all.Nodes[number].StandStill();
        }
    }
}
