namespace Caravan.Training;

/// <summary>How a stable rate falls at the end, with s the share of the decay that is over.</summary>
internal enum DecayShape
{
    /// <summary>1 − s.</summary>
    Linear,

    /// <summary>(1 + cos πs) / 2.</summary>
    Cosine,

    /// <summary>1 − √s (Hägele et al. 2024, section 3).</summary>
    OneMinusRoot,
}
