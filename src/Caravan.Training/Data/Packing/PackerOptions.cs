namespace Caravan.Training;

/// <summary>How much goes into a micro-batch.</summary>
/// <param name="Tokens">Most tokens.</param>
/// <param name="Samples">Most samples.</param>
internal sealed record PackerOptions(int Tokens, int Samples = int.MaxValue);
