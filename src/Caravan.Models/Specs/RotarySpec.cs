using Caravan.Kernels;

namespace Caravan.Models;

/// <summary>A rotary position embedding (Su et al. 2021).</summary>
internal sealed record RotarySpec
{
    /// <summary>Features of each head that are rotated, from the first; even.</summary>
    public required int Dimensions { get; init; }

    /// <summary>Places of a token, each of which turns an equal part of a head, of which <see cref="Dimensions"/> are features (GLM: 2); 1 is the usual.</summary>
    public int Places { get; init; } = 1;

    /// <summary>θ of the frequencies θ^(−2i/Dimensions).</summary>
    public double Base { get; init; } = 10_000;

    /// <summary>Which features form a pair; depends on the file the weights come from.</summary>
    public RotaryLayout Layout { get; init; }

    /// <summary>How angles are stretched for long contexts; null for none.</summary>
    public RotaryScaling? Scaling { get; init; }

    /// <summary>
    /// Tokens over which what pair i adds to the product of a query and a key falls to ζᵢ = (2i/Dimensions + 0.4) / 1.4 of it (xPos; Sun et al. 2022,
    /// "A Length-Extrapolatable Transformer", §3.2); 0 for no decay.
    /// </summary>
    public double DecayLength { get; init; }

    /// <summary>For each pair the logarithm of what a query grows by with each position, and a key shrinks by; null for no decay.</summary>
    public float[]? Decays => DecayLength == 0
        ? null
        : [.. Enumerable.Range(0, Dimensions / 2).Select(i => (float)(Math.Log(((2.0 * i / Dimensions) + 0.4) / 1.4) / DecayLength))];

    /// <summary>Base^(−2i/Dimensions) for each pair i.</summary>
    public double[] UnscaledFrequencies(double? otherBase = null)
    {
        double[] frequencies = new double[Dimensions / 2];
        for (int i = 0; i < frequencies.Length; i++) frequencies[i] = Math.Pow(otherBase ?? Base, -2.0 * i / Dimensions);
        return frequencies;
    }

    /// <summary>Angle per position of each pair, scaling included, for a sequence of <paramref name="length"/> tokens.</summary>
    public double[] Frequencies(int length) => Scaling?.Frequencies(this, length) ?? UnscaledFrequencies();
}
