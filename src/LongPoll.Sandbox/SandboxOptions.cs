using System.ComponentModel.DataAnnotations;
using LongPoll.Sandbox.PayHero;

namespace LongPoll.Sandbox;

/// <summary>How the pretend providers and the pretend phone behave. Bound to the configuration section <c>Sandbox</c>.</summary>
public sealed class SandboxOptions : IValidatableObject
{
    /// <summary>The Basic token that pushes and status queries must carry. Default: none, any non-empty token will do.</summary>
    public string? PayHeroBasicToken { get; set; }

    /// <summary>Where Stripe's events go. Default: <c>/stripe/webhook</c> at the shop that asked for the session.</summary>
    public Uri? StripeWebhookUrl { get; set; }

    /// <summary>What Stripe's events are signed with.</summary>
    public string StripeWebhookSecret { get; set; } = "whsec_sandbox";

    /// <summary>The salt key that PhonePe's requests and v1 callbacks are signed with.</summary>
    public string PhonePeSaltKey { get; set; } = "sandbox-salt-key";

    /// <summary>Which salt key it is.</summary>
    public string PhonePeSaltIndex { get; set; } = "1";

    /// <summary>User name of PhonePe's v2 webhooks.</summary>
    public string PhonePeWebhookUser { get; set; } = "sandbox";

    /// <summary>Password of PhonePe's v2 webhooks.</summary>
    public string PhonePeWebhookPassword { get; set; } = "sandbox-password";

    /// <summary>Whom the prompt on the phone asks to pay.</summary>
    public string MerchantName { get; set; } = "LONGPOLL SHOP";

    /// <summary>
    /// How long a prompt stands on the phone before it lapses with result 1037. Default 60 s, as handsets do;
    /// <see cref="Timeout.InfiniteTimeSpan"/> lets it stand for ever, which load tests want.
    /// </summary>
    public TimeSpan PromptLife { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>The shape of callbacks for which the answer names none. Default A, the one captured live.</summary>
    public CallbackShape CallbackShape { get; set; } = CallbackShape.A;

    /// <summary>How long one try of a callback may take. Default 10 s.</summary>
    public TimeSpan CallbackTimeLimit { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a callback is tried until something answers 2xx. Default 3: PayHero is said to stop there.</summary>
    public int CallbackTries { get; set; } = 3;

    /// <summary>The gap before the second try; each later gap is four times as long. Default 1 s.</summary>
    public TimeSpan CallbackRetryGap { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a push gets no answer while PayHero hangs. Default 60 s, longer than any sane client waits.</summary>
    public TimeSpan HangTime { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a slow answer takes. Default 2 s: slower than all others, within every client's patience.</summary>
    public TimeSpan SlowTime { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How many prompts are remembered; the oldest is forgotten first. Default 100,000, some 60 MB.</summary>
    public int PromptsKept { get; set; } = 100_000;

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (PromptLife <= TimeSpan.Zero && PromptLife != Timeout.InfiniteTimeSpan)
            yield return new ValidationResult("Sandbox:PromptLife must be longer than zero.");
        if (CallbackTimeLimit <= TimeSpan.Zero)
            yield return new ValidationResult("Sandbox:CallbackTimeLimit must be longer than zero.");
        if (CallbackTries is < 1 or > 10)
            yield return new ValidationResult("Sandbox:CallbackTries must be 1 to 10.");
        if (CallbackRetryGap < TimeSpan.Zero)
            yield return new ValidationResult("Sandbox:CallbackRetryGap must not be negative.");
        if (HangTime < TimeSpan.Zero)
            yield return new ValidationResult("Sandbox:HangTime must not be negative.");
        if (SlowTime < TimeSpan.Zero)
            yield return new ValidationResult("Sandbox:SlowTime must not be negative.");
        if (PromptsKept < 1)
            yield return new ValidationResult("Sandbox:PromptsKept must be at least 1.");
    }
}
