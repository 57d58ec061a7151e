using System.Text;

namespace Caravan.Formats;

/// <summary>Bytes as text for sentences.</summary>
internal static class ByteText
{
    /// <summary>The bytes in hexadecimal, followed by their printable ASCII characters: <c>50 4B 03 04 "PK.."</c>.</summary>
    public static string Of(ReadOnlySpan<byte> bytes)
    {
        StringBuilder text = new();
        foreach (byte value in bytes) text.Append($"{value:X2} ");
        text.Append('"');
        foreach (byte value in bytes) text.Append(value is >= 0x20 and < 0x7F ? (char)value : '.');
        return text.Append('"').ToString();
    }
}
