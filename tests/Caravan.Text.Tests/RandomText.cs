using System.Text;

namespace Caravan.Text.Tests;

/// <summary>Random texts over all of Unicode, the same for the same seed.</summary>
internal static class RandomText
{
    private static readonly (int First, int Last)[] Blocks =
    [
        (0x20, 0x7E), (0x20, 0x7E), (0x20, 0x20), (0x09, 0x0D), (0xA0, 0x24F), (0x300, 0x36F), (0x370, 0x5FF), (0x600, 0x6FF), (0x900, 0xDFF),
        (0x1100, 0x11FF), (0x2000, 0x206F), (0x2580, 0x2590), (0x3040, 0x30FF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0xF900, 0xFAFF),
        (0xFF00, 0xFFEF), (0x1D400, 0x1D7FF), (0x1F300, 0x1FAFF), (0x20000, 0x2FA1F), (0x0, 0x1F), (0x0, 0x10FFFF),
    ];

    /// <summary>Texts of up to 60 code points; some with unpaired surrogates.</summary>
    public static IEnumerable<string> Many(int seed, int count)
    {
        Random random = new(seed);
        for (int i = 0; i < count; i++) yield return One(random, random.Next(0, 60), broken: i % 7 == 0);
    }

    public static string One(Random random, int length, bool broken = false)
    {
        StringBuilder text = new();
        (int First, int Last) block = Blocks[0];
        for (int i = 0; i < length; i++)
        {
            if (i % 5 == 0) block = Blocks[random.Next(Blocks.Length)];
            int codePoint = random.Next(block.First, block.Last + 1);
            if (codePoint is >= 0xD800 and <= 0xDFFF) codePoint = 'x';
            text.Append(char.ConvertFromUtf32(codePoint));
            if (random.Next(9) == 0) text.Append(text[^1], random.Next(4));
        }

        if (!broken) return WithoutLoneSurrogates(text.ToString());
        text.Insert(random.Next(text.Length + 1), (char)random.Next(0xD800, 0xE000));
        return text.ToString();
    }

    public static string WithoutLoneSurrogates(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
