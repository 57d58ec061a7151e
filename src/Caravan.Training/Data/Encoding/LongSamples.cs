namespace Caravan.Training;

/// <summary>What becomes of samples with more tokens than the context. Plain texts are always cut into pieces instead, which loses nothing.</summary>
internal enum LongSamples
{
    /// <summary>The run ends with a sentence that names the sample.</summary>
    Error,

    /// <summary>What is over is left out, and with it samples of which nothing to learn is left.</summary>
    Truncate,

    /// <summary>They are left out.</summary>
    Drop,
}
