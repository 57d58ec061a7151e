namespace Caravan.Models;

/// <summary>
/// Localized filtering (Wu et al. 2023, "YUAN 2.0", §2.1): norm(x + outer(inner(x))), two convolutions of each row and the row before, through half as
/// many channels.
/// </summary>
internal sealed record LocalFilterSpec
{
    /// <summary>Features of the residual stream.</summary>
    public required int Channels { get; init; }

    /// <summary>The norm of the sum.</summary>
    public required NormSpec Norm { get; init; }

    /// <summary>Features between the convolutions.</summary>
    public int InnerChannels => Channels / 2;

    /// <summary>Floats that are kept of each sequence: the last row and the last one between the convolutions.</summary>
    public int StateSize => Channels + InnerChannels;
}
