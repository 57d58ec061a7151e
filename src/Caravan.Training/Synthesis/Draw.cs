namespace Caravan.Training.Synthesis;

/// <summary>Chance with a seed: the same choices on every machine.</summary>
/// <param name="seed">What the choices follow from.</param>
/// <param name="split">What the sample is for.</param>
internal sealed class Draw(ulong seed, Split split)
{
    /// <summary>One content in so many is held out.</summary>
    private const int HeldOutEvery = 20;

    /// <summary>Contents tried before a split is given up; a chance of 1 - 1/20 misses as often once in 10^22.</summary>
    private const int MostTries = 1000;

    private SplitMix64 random = new(seed);

    /// <summary>What the sample is for.</summary>
    public Split Split => split;

    /// <summary>The split that a content belongs to: a hash (FNV-1a with a final mix) of its spelling.</summary>
    public static Split SplitOf(string content)
    {
        ulong hash = 14695981039346656037;
        foreach (char character in content) hash = (hash ^ character) * 1099511628211;
        return new SplitMix64(hash).Next() % HeldOutEvery == 0 ? Split.HeldOut : Split.Train;
    }

    /// <summary>A whole number from 0 to one below.</summary>
    public int Below(int end) => (int)((random.Next() >> 32) * (ulong)end >> 32);

    /// <summary>A whole number from one to another, both included.</summary>
    public int Between(int first, int last) => first + Below(last - first + 1);

    /// <summary>True as often as the probability says.</summary>
    public bool Chance(double probability) => random.NextDouble() < probability;

    /// <summary>One of some.</summary>
    public T Pick<T>(IReadOnlyList<T> items) => items[Below(items.Count)];

    /// <summary>Some of many, each at most once, in any order.</summary>
    public List<T> Several<T>(IReadOnlyList<T> items, int count)
    {
        List<T> rest = [.. items];
        for (int i = 0; i < count; i++)
        {
            int other = Between(i, rest.Count - 1);
            (rest[i], rest[other]) = (rest[other], rest[i]);
        }

        return rest[..count];
    }

    /// <summary>The items in another order.</summary>
    public List<T> Shuffled<T>(IReadOnlyList<T> items) => Several(items, items.Count);

    /// <summary>A content of the split, to ask for: drawn until one belongs to it.</summary>
    /// <param name="make">Draws one.</param>
    /// <param name="spell">How it is spelled where splits are told apart: alike for what is the same question.</param>
    /// <exception cref="InvalidOperationException">There are too few contents to find one of the split.</exception>
    public T Content<T>(Func<T> make, Func<T, string> spell) => Until(make, content => SplitOf(spell(content)) == split);

    /// <summary>A content that may stand beside what is asked for: nothing held out is learnt from, and anything may stand in what is held out.</summary>
    /// <param name="make">Draws one.</param>
    /// <param name="spell">How it is spelled where splits are told apart.</param>
    public T Beside<T>(Func<T> make, Func<T, string> spell) => Until(make, content => split == Split.HeldOut || SplitOf(spell(content)) == split);

    private T Until<T>(Func<T> make, Predicate<T> wanted)
    {
        for (int i = 0; i < MostTries; i++)
            if (make() is var content && wanted(content)) return content;
        throw new InvalidOperationException($"Of {MostTries} contents none belongs to the split {split}.");
    }
}
