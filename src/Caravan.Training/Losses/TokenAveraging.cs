namespace Caravan.Training;

/// <summary>How the losses of the tokens of several responses become one number.</summary>
internal enum TokenAveraging
{
    /// <summary>The mean of the responses' means: tokens of short responses weigh more (GRPO).</summary>
    Responses,

    /// <summary>The mean over all tokens (DAPO, Yu et al. 2025, eq. 8).</summary>
    Tokens,

    /// <summary>The sum over all tokens, divided by the responses' number and one fixed length (Dr. GRPO, Liu et al. 2025).</summary>
    FixedLength,
}
