namespace Caravan.Models;

/// <summary>Which rows of a piece of a sequence get logits; the vocabulary projection is only computed for these.</summary>
internal enum LogitRows
{
    /// <summary>None: a chunk of a prompt with more to come.</summary>
    None,

    /// <summary>The last one: what comes next.</summary>
    Last,

    /// <summary>All: training, scoring, prompt log-probabilities.</summary>
    All,
}
