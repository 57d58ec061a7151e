namespace Caravan.Models;

/// <summary>
/// Learned biases by distance (Raffel et al. 2020, "Exploring the Limits of Transfer Learning", §2.1): near distances have a bias of their own,
/// farther ones share them in buckets that grow with the logarithm, and all beyond a largest distance share the last.
/// </summary>
/// <param name="Heads">Biases of a bucket.</param>
/// <param name="Buckets">How many.</param>
/// <param name="MaxDistance">From here on all distances share the last bucket.</param>
/// <param name="Bidirectional">Whether half of the buckets are for keys after the query.</param>
/// <param name="Layer">The layer whose weights they are.</param>
internal sealed record RelativeBiasSpec(int Heads, int Buckets, int MaxDistance, bool Bidirectional, int Layer) : BiasSpec
{
    /// <summary>Rows of the weights behind those of the buckets, one for each way a key's part of a sequence can lie to the query's, from 1; 0 for none.</summary>
    public int FurtherRows { get; init; }

    /// <summary>Biases are multiplied by this: attention scales them with the products they are added to, and its inverse keeps them as they are. 1 for nothing.</summary>
    public float Factor { get; init; } = 1;

    /// <summary>The bucket of a distance from query to key, negative for keys before the query; in float, as the reference computes it.</summary>
    public int BucketOf(int distance)
    {
        int buckets = Bidirectional ? Buckets / 2 : Buckets, offset = Bidirectional && distance > 0 ? buckets : 0;
        int away = Bidirectional ? Math.Abs(distance) : Math.Max(0, -distance), exact = buckets / 2;
        if (away < exact) return offset + away;
        float share = MathF.Log(away / (float)exact) / (float)Math.Log(MaxDistance / (double)exact);
        return offset + Math.Min(buckets - 1, exact + (int)(share * (buckets - exact)));
    }

    /// <summary>What about it cannot be; null when it can.</summary>
    public string? Flaw => Buckets < 4 || MaxDistance <= Buckets / 2
        ? $"has {Buckets} buckets for relative positions up to {MaxDistance}; at least 4, and distances beyond half as many, were expected" : null;

    /// <inheritdoc/>
    public override BiasTable Build(WeightReader weights, string prefix) =>
        new RelativeBiasTable(this, weights.Matrix($"{prefix}layers.{Layer}.attention.relative_bias.weight", Buckets + FurtherRows, Heads));
}
