namespace Caravan.Training.Synthesis;

/// <summary>What a sample is for. Which of the two a content belongs to (a sum, a fact, a list) follows from the content alone, so they never overlap.</summary>
internal enum Split
{
    /// <summary>To learn from.</summary>
    Train,

    /// <summary>To measure with: one content in twenty.</summary>
    HeldOut,
}
