namespace LongPoll.Sandbox.Verdict;

/// <summary>Writes the history of one order down while several pages and racers live it.</summary>
internal sealed class OrderLog(long number, string phone, decimal amount, string provider)
{
    private readonly Lock _gate = new();
    private readonly List<Sighting> _sightings = [];
    private readonly List<string> _badWaits = [];
    private readonly List<string> _badRequests = [];
    private int _waits;

    public long Number { get; } = number;

    public string Phone { get; } = phone;

    public decimal Amount { get; } = amount;

    public string Provider { get; } = provider;

    public string Currency => Provider switch { "stripe" => "USD", "phonepe" => "INR", _ => "KES" };

    /// <summary>Null until the order is made.</summary>
    public Guid? OrderId { get; set; }

    public string? AccessToken { get; set; }

    /// <summary>The newest view that any page has seen.</summary>
    public SeenOrder? Newest { get; private set; }

    public void Saw(Sighting sighting)
    {
        lock (_gate)
        {
            _sightings.Add(sighting);
            if (sighting.Wait is not null)
                _waits++;
            if (sighting.Seen.Version >= (Newest?.Version ?? 0))
                Newest = sighting.Seen;
        }
    }

    public void BadWait(string what)
    {
        lock (_gate)
        {
            _waits++;
            _badWaits.Add(what);
        }
    }

    public void BadRequest(string what)
    {
        lock (_gate)
            _badRequests.Add(what);
    }

    public OrderHistory ToHistory()
    {
        lock (_gate)
        {
            return new OrderHistory(Number, Phone, Amount)
            {
                OrderId = OrderId,
                Sightings = [.. _sightings],
                BadWaits = [.. _badWaits],
                BadRequests = [.. _badRequests],
                Waits = _waits,
            };
        }
    }
}
