namespace Caravan.Models;

/// <summary>
/// Tokens with numbers that tell those of one kind apart (CPM-Bee, after Su et al. 2021, "RoFormer", eq. 34): the row of a token with number n,
/// as embedding and as row of the head, is turned like a rotary position embedding turns place n · Distance, feature i together with D/2 + i.
/// </summary>
/// <param name="Distance">Places from one number to the next.</param>
internal sealed record NumberingSpec(double Distance)
{
    /// <summary>Angle per number of each of D/2 pairs: Distance · 10000^(−2i/D).</summary>
    public double[] Angles(int width) => [.. new RotarySpec { Dimensions = width }.UnscaledFrequencies().Select(frequency => Distance * frequency)];
}
