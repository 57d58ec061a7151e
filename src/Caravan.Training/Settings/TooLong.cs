namespace Caravan.Training;

/// <summary>What becomes of a sample that is longer than the context.</summary>
internal enum TooLong
{
    /// <summary>Training does not begin; the sentence names file and line.</summary>
    Error,

    /// <summary>Its end is cut off.</summary>
    Truncate,

    /// <summary>It is left out, and counted.</summary>
    Drop,
}
