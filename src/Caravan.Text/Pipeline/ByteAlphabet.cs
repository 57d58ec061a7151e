using System.Text;

namespace Caravan.Text;

/// <summary>
/// GPT-2's one-to-one table between the 256 bytes and printable characters: printable Latin-1 stands for itself, the other 68 bytes are
/// counted up from U+0100.
/// </summary>
internal static class ByteAlphabet
{
    private static readonly char[] Characters = MakeCharacters();
    private static readonly short[] Bytes = MakeBytes();

    /// <summary>The character that stands for a byte.</summary>
    public static char CharacterOf(byte value) => Characters[value];

    /// <summary>The byte a character stands for, or -1.</summary>
    public static int ByteOf(char character) => character < Bytes.Length ? Bytes[character] : -1;

    /// <summary>Puts the characters of a code point's UTF-8 bytes.</summary>
    public static void Put(AlignedText text, int codePoint, int from, int to)
    {
        Span<byte> bytes = stackalloc byte[4];
        int count = new Rune(codePoint).EncodeToUtf8(bytes);
        foreach (byte one in bytes[..count]) text.Put(Characters[one], from, to);
    }

    /// <summary>The characters that stand for a text's UTF-8 bytes.</summary>
    public static string Encode(string text) => string.Concat(Encoding.UTF8.GetBytes(text).Select(CharacterOf));

    private static char[] MakeCharacters()
    {
        char[] result = new char[256];
        char next = '\u0100';
        for (int i = 0; i < 256; i++)
            result[i] = i is (>= 0x21 and <= 0x7E) or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF) ? (char)i : next++;
        return result;
    }

    private static short[] MakeBytes()
    {
        short[] result = new short[Characters.Max() + 1];
        Array.Fill(result, (short)-1);
        for (int i = 0; i < 256; i++) result[Characters[i]] = (short)i;
        return result;
    }
}
