namespace Caravan.Training;

/// <summary>Numbers worth seeing that fall out of a step, such as a reward margin: means over what they were observed on.</summary>
internal sealed class Observations
{
    private readonly SortedDictionary<string, (double Sum, double Weight)> sums = new(StringComparer.Ordinal);

    /// <summary>The means by name.</summary>
    public IReadOnlyDictionary<string, double> Means => sums.ToDictionary(pair => pair.Key, pair => pair.Value.Sum / pair.Value.Weight);

    /// <summary>Adds an observation.</summary>
    /// <param name="name">Such as <c>reward_margin</c>.</param>
    /// <param name="value">Its value.</param>
    /// <param name="weight">How much it counts in the mean; positive.</param>
    public void Add(string name, double value, double weight = 1)
    {
        (double sum, double total) = sums.GetValueOrDefault(name);
        sums[name] = (sum + (value * weight), total + weight);
    }

    /// <summary>Forgets everything.</summary>
    public void Clear() => sums.Clear();
}
