using LongPoll.LoadTests.Client;

namespace LongPoll.LoadTests.Subjects;

/// <summary>What is measured, as its HTTP looks from outside: LongPoll itself, or something that a user would pick instead.</summary>
internal interface ISubject
{
    /// <summary>Short; file names and tables carry it.</summary>
    string Name { get; }

    /// <summary>Where pages ask, one for each node.</summary>
    IReadOnlyList<Destination> Nodes { get; }

    /// <summary>Where callbacks go; known once the first order was placed.</summary>
    IReadOnlyList<Destination> CallbackServers { get; }

    /// <summary>How long after a payment has ended the server begins to do more about it; zero when it never does.</summary>
    TimeSpan AsksAgainWithin { get; }

    /// <summary>Makes orders that can be waited for.</summary>
    Task<IReadOnlyList<Payment>> PlaceAsync(int count, CancellationToken cancel);

    /// <summary>The request that is held until the payment has ended.</summary>
    byte[] WaitRequest(Payment payment);

    /// <summary>The request that is answered at once with how the order stands; null where there is none.</summary>
    byte[]? ReadRequest(Payment payment);

    /// <summary>The request that ends the payment. From here on the provider knows of the money when it is asked.</summary>
    byte[] Callback(Payment payment, Destination to);
}

internal static class SubjectExtensions
{
    /// <summary>Where the page of this payment asks: dealt out in turn.</summary>
    public static Destination NodeOf(this ISubject subject, Payment payment) => subject.Nodes[payment.Number % subject.Nodes.Count];
}
