using System.Text;

namespace Caravan.Training;

/// <summary>Cuts texts into words: stretches of letters and digits, in lower case; in scripts without blanks each letter is one.</summary>
internal static class Words
{
    /// <summary>A hash of each word of a text, in order.</summary>
    /// <param name="text">The text.</param>
    /// <param name="places">Filled with the place of each word in the text; null when nobody asks.</param>
    public static List<ulong> Hashes(ReadOnlySpan<char> text, List<(int Start, int End)>? places = null)
    {
        List<ulong> hashes = [];
        ulong word = Hash64.Seed;
        int start = -1;
        for (int i = 0; i < text.Length;)
        {
            if (Rune.DecodeFromUtf16(text[i..], out Rune rune, out int length) != System.Buffers.OperationStatus.Done) rune = Rune.ReplacementChar;
            bool isPart = Rune.IsLetterOrDigit(rune), isWord = isPart && WritingSystem.HasNoBlanks(rune.Value);
            if ((!isPart || isWord) && start >= 0) End(i);
            if (isPart)
            {
                if (start < 0) start = i;
                word = Hash64.Add(word, (ulong)Rune.ToLowerInvariant(rune).Value);
                if (isWord) End(i + length);
            }

            i += length;
        }

        if (start >= 0) End(text.Length);
        return hashes;

        void End(int end)
        {
            hashes.Add(word);
            places?.Add((start, end));
            (word, start) = (Hash64.Seed, -1);
        }
    }

    /// <summary>How many words a text has.</summary>
    public static int Count(ReadOnlySpan<char> text) => Hashes(text).Count;
}
