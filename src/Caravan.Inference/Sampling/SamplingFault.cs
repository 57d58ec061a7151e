namespace Caravan.Inference;

/// <summary>Why no token could be chosen from a row of logits.</summary>
internal enum SamplingFault
{
    /// <summary>A token was chosen.</summary>
    None,

    /// <summary>The row holds NaN: the weights or the computation are broken.</summary>
    NotANumber,

    /// <summary>The row holds positive infinity: the weights or the computation overflowed.</summary>
    PositiveInfinity,

    /// <summary>Every token is at negative infinity: masks and biases together forbid the whole vocabulary.</summary>
    NothingAllowed,

    /// <summary>The grammar is complete, and no token can go on: the text has ended.</summary>
    GrammarEnded,

    /// <summary>The grammar is not complete, but allows no token of the vocabulary that the model and the biases do.</summary>
    GrammarStuck,
}
