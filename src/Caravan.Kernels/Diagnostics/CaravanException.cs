namespace Caravan;

/// <summary>
/// A failure that the user can act on: one sentence saying what was found, what was expected, where, and what to do next.
/// The command line prints the message alone; anything that is not a <see cref="CaravanException"/> is a bug of Caravan.
/// </summary>
public class CaravanException : Exception
{
    /// <summary>Creates the failure with its sentence.</summary>
    public CaravanException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the failure with its sentence and the lower-level exception that led to it.</summary>
    public CaravanException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
