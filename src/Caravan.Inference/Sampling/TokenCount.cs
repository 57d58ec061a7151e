namespace Caravan.Inference;

/// <summary>How often a token occurs in the window that the penalties look at.</summary>
internal struct TokenCount
{
    /// <summary>The token's id.</summary>
    public int Token;

    /// <summary>Occurrences in the prompt and the generated text together.</summary>
    public int Total;

    /// <summary>Occurrences in the generated text alone.</summary>
    public int Generated;

    /// <summary>The token's logit before the penalties, kept while they are applied.</summary>
    public float Saved;
}
