using System.Buffers;
using System.Globalization;
using System.Net.Mail;
using System.Text;
using LongPoll.Server.Payments;
using LongPoll.Server.Providers;

namespace LongPoll.Server.Orders;

/// <summary>What a request became: a draft that can be stored, or what is wrong with it, by field.</summary>
internal sealed record OrderDraft(
    string Provider, Money Total, TimeSpan Lifetime, Customer Customer, EventRequest? Event, IReadOnlyList<ItemRequest> Items);

/// <summary>The rules that a <see cref="CreateOrderRequest"/> must keep. Every broken one is told, not the first alone.</summary>
internal sealed class OrderRules(PaymentProviders providers)
{
    /// <summary>How long an order can be paid when the request does not say.</summary>
    public static readonly TimeSpan DefaultLifetime = TimeSpan.FromMinutes(15);

    private const int MostUnits = 50;
    private const int LongestText = 200;
    private const int LongestSeat = 32;

    // Legal in an address, and in practice only ever a mistake or an attack.
    private static readonly SearchValues<char> OddInEmail = SearchValues.Create(" \"[]<>()\\,;:");

    public (OrderDraft? Draft, Dictionary<string, string[]> Errors) Check(CreateOrderRequest request)
    {
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        void Wrong(string field, string why) => errors[field] = errors.TryGetValue(field, out var old) ? [.. old, why] : [why];

        var customer = CheckCustomer(request.Customer, Wrong);
        var (provider, total) = CheckPrice(request.Provider, request.Currency, request.Items, Wrong);
        CheckEvent(request.Event, Wrong);
        if (request.ExpiresIn is < 60 or > 86_400)
        {
            Wrong("expiresIn", "Must be 60 to 86400 seconds.");
        }

        return errors.Count > 0
            ? (null, errors)
            : (new OrderDraft(
                provider,
                total,
                request.ExpiresIn is { } seconds ? TimeSpan.FromSeconds(seconds) : DefaultLifetime,
                customer!,
                request.Event,
                [.. request.Items!.Select(i => i!)]), errors);
    }

    /// <summary>Whether the provider, the default one where none is named, can charge this. The same rules hold for payment links.</summary>
    public (string Provider, Money Total) CheckPrice(string? named, string? namedCurrency, IReadOnlyList<ItemRequest?>? items, Action<string, string> wrong)
    {
        var name = named?.Trim().ToLowerInvariant() ?? PaymentProviders.Default;
        var provider = providers.Find(name) is { Configured: true } found ? found : null;
        if (provider is null)
        {
            wrong("provider", "This provider is not configured here.");
        }

        // What hangs on a field that is wrong itself is not told besides.
        var currency = namedCurrency?.Trim().ToUpperInvariant() ?? "";
        var rules = Currencies.Decimals(currency) is null ? null : provider?.RulesFor(currency);
        if (Currencies.Decimals(currency) is null || (provider is not null && rules is null))
        {
            wrong("currency", "Must be an ISO 4217 code that the provider can charge, such as KES.");
        }

        var total = CheckItems(items, currency, rules, wrong);
        if (rules is not null && total.Major > rules.Most)
        {
            wrong("items", string.Create(CultureInfo.InvariantCulture, $"The provider takes at most {rules.Most} {currency} at once."));
        }
        else if (rules is not null && total.Minor > 0 && total.Major < rules.Least)
        {
            wrong("items", string.Create(CultureInfo.InvariantCulture, $"The provider takes at least {rules.Least} {currency} at once."));
        }

        return (name, total);
    }

    private static Customer? CheckCustomer(CustomerRequest? customer, Action<string, string> wrong)
    {
        if (customer is null)
        {
            wrong("customer", "Is required.");
            return null;
        }

        var email = customer.Email?.Trim() ?? "";
        if (email.Length is 0 or > 254 || email.AsSpan().ContainsAny(OddInEmail) || !Ascii.IsValid(email) || !MailAddress.TryCreate(email, out var address) || address.Address != email || !address.Host.Contains('.', StringComparison.Ordinal))
        {
            wrong("customer.email", "Must be an e-mail address.");
        }

        Text("customer.firstName", customer.FirstName, required: true, wrong);
        Text("customer.lastName", customer.LastName, required: false, wrong);
        Text("customer.country", customer.Country, required: false, wrong);
        var phone = KenyanPhone.Normalise(customer.Phone);
        if (phone is null)
        {
            wrong("customer.phone", "Must be a Kenyan mobile number: 07…, 01…, +254… or 254….");
        }

        return new Customer(
            Guid.CreateVersion7(),
            email.ToLowerInvariant(),
            customer.FirstName?.Trim() ?? "",
            customer.LastName?.Trim() ?? "",
            customer.Country?.Trim() ?? "",
            phone ?? "");
    }

    private static void CheckEvent(EventRequest? sold, Action<string, string> wrong)
    {
        if (sold is null)
        {
            return;
        }

        Text("event.name", sold.Name, required: true, wrong);
        Text("event.id", sold.Id, required: false, wrong);
        Text("event.venue", sold.Venue, required: false, wrong);
        Text("event.organizerEmail", sold.OrganizerEmail, required: false, wrong);
        if (sold.TimeZone is { } zone && !TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _))
        {
            wrong("event.timeZone", "Must be an IANA time zone such as Africa/Nairobi.");
        }
    }

    private static Money CheckItems(IReadOnlyList<ItemRequest?>? items, string currency, ChargeRules? rules, Action<string, string> wrong)
    {
        if (items is not { Count: > 0 })
        {
            wrong("items", "At least one item is required.");
            return new Money(0, currency);
        }

        if (items.Count > MostUnits)
        {
            wrong("items", $"At most {MostUnits} units can be bought at once.");
            return new Money(0, currency);
        }

        var units = 0;
        var minor = 0m;
        var knownCurrency = Currencies.Decimals(currency) is not null;
        var seats = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < items.Count; i++)
        {
            var field = string.Create(CultureInfo.InvariantCulture, $"items[{i}]");
            if (items[i] is not { } item)
            {
                wrong(field, "Must be an object.");
                continue;
            }

            Text(field + ".name", item.Name, required: true, wrong);
            if (item.Quantity is not (>= 1 and <= MostUnits))
            {
                wrong(field + ".quantity", $"Must be 1 to {MostUnits}.");
            }

            var inRange = item.UnitPrice is >= 0 and <= 10_000_000;
            var price = inRange ? Money.FromMajor(item.UnitPrice!.Value, currency) : null;
            if (!inRange || (knownCurrency && price is null))
            {
                wrong(field + ".unitPrice", "Must be 0 to 10000000, with no more decimals than the currency has.");
            }
            else if (rules is not null && item.UnitPrice!.Value % rules.Step != 0)
            {
                wrong(field + ".unitPrice", rules.Step == 1
                    ? "The provider charges whole units only, no cents."
                    : string.Create(CultureInfo.InvariantCulture, $"The provider charges multiples of {rules.Step} only."));
            }

            CheckSeats(field + ".seats", item, seats, wrong);
            units += item.Quantity is >= 1 and <= MostUnits ? item.Quantity.Value : 0;
            minor += (price?.Minor ?? 0m) * (item.Quantity ?? 0);
        }

        if (units > MostUnits)
        {
            wrong("items", $"At most {MostUnits} units can be bought at once.");
        }

        if (minor <= 0 && knownCurrency)
        {
            wrong("items", "The total must be more than zero.");
        }

        return new Money((long)Math.Clamp(minor, 0, long.MaxValue / 2), currency);
    }

    private static void CheckSeats(string field, ItemRequest item, HashSet<string> taken, Action<string, string> wrong)
    {
        if (item.Seats is not { Count: > 0 } seats)
        {
            return;
        }

        if (seats.Count != item.Quantity)
        {
            wrong(field, "Must be empty or name exactly as many seats as the quantity.");
        }

        foreach (var seat in seats)
        {
            if (string.IsNullOrWhiteSpace(seat) || seat.Length > LongestSeat || seat.Any(char.IsControl))
            {
                wrong(field, $"A seat has 1 to {LongestSeat} characters, without control characters.");
                return;
            }

            if (!taken.Add(seat.Trim()))
            {
                wrong(field, "A seat can be named once in an order.");
                return;
            }
        }
    }

    private static void Text(string field, string? text, bool required, Action<string, string> wrong)
    {
        if (required && string.IsNullOrWhiteSpace(text))
        {
            wrong(field, "Is required.");
        }
        else if (text is { Length: > LongestText } || (text is not null && text.Any(char.IsControl)))
        {
            wrong(field, $"At most {LongestText} characters, without control characters.");
        }
    }
}
