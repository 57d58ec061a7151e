using System.Text;

namespace Caravan.Training;

/// <summary>The sets by which texts are compared: all stretches of a number of words or characters (Broder 1997, "On the resemblance and containment of documents").</summary>
/// <param name="size">Words or characters of a shingle.</param>
/// <param name="characters">Whether it is made of characters, with stretches of white space as one blank; else of words (<see cref="Words"/>).</param>
internal sealed class Shingles(int size, bool characters)
{
    /// <summary>The shingles of a sample as a sorted set of hashes; of a text that is shorter the whole is the one.</summary>
    public ulong[] Of(Sample sample)
    {
        HashSet<ulong> set = [];
        foreach ((_, string text) in sample.Texts)
        {
            List<ulong> units = characters ? Characters(text) : Words.Hashes(text);
            ReadOnlySpan<ulong> all = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(units);
            if (all.IsEmpty) continue;
            for (int i = 0; i == 0 || i + size <= all.Length; i++) set.Add(Hash64.Of(all[i..Math.Min(all.Length, i + size)]));
        }

        ulong[] sorted = [.. set];
        Array.Sort(sorted);
        return sorted;
    }

    /// <summary>The share of shingles in either set that are in both (Jaccard); 1 for two empty sets.</summary>
    public static double Similarity(ReadOnlySpan<ulong> a, ReadOnlySpan<ulong> b)
    {
        int shared = 0;
        for (int i = 0, j = 0; i < a.Length && j < b.Length;)
        {
            if (a[i] == b[j])
            {
                shared++;
                i++;
                j++;
            }
            else if (a[i] < b[j])
            {
                i++;
            }
            else
            {
                j++;
            }
        }

        int all = a.Length + b.Length - shared;
        return all == 0 ? 1 : (double)shared / all;
    }

    private static List<ulong> Characters(string text)
    {
        List<ulong> units = [];
        foreach (Rune rune in text.Trim().EnumerateRunes())
        {
            bool blank = Rune.IsWhiteSpace(rune);
            if (!blank || units[^1] != ' ') units.Add(blank ? ' ' : (ulong)Rune.ToLowerInvariant(rune).Value);
        }

        return units;
    }
}
