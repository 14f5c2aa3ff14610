namespace LongPoll.LoadTests;

/// <summary>The run cannot be made, for a reason that whoever started it can mend; the message says which.</summary>
public sealed class RunImpossibleException(string message, Exception? inner = null) : Exception(message, inner);
