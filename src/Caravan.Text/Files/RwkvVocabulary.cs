using System.Globalization;
using System.Text;

namespace Caravan.Text;

/// <summary>
/// Reads RWKV's "world" vocabulary (<c>rwkv_vocab_v20230424.txt</c>): lines of id, Python literal and number of bytes; id 0 ends a text.
/// </summary>
internal static class RwkvVocabulary
{
    /// <summary>The file's usual names.</summary>
    public const string UsualNames = "rwkv_vocab*.txt";

    /// <summary>Whether a file that begins so is one: an id, a blank, and a Python literal of text or bytes.</summary>
    public static bool Recognises(ReadOnlySpan<byte> head)
    {
        int digits = head.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return digits > 0 && head[digits] == ' ' && head.Length > digits + 2
            && (head[digits + 1] is (byte)'\'' or (byte)'"' || (head[digits + 1] == 'b' && head[digits + 2] is (byte)'\'' or (byte)'"'));
    }

    /// <summary>Reads the file.</summary>
    /// <exception cref="CaravanException">A line is malformed.</exception>
    public static Tokenizer Read(string path)
    {
        Vocabulary vocabulary = new(path);
        int number = 0;
        foreach (string line in Encoding.UTF8.GetString(TokenizerFiles.ReadAll(path)).Split('\n'))
        {
            number++;
            string row = line.TrimEnd('\r');
            if (row.Length == 0) continue;
            int first = row.IndexOf(' '), last = row.LastIndexOf(' ');
            if (first < 1 || last <= first || !int.TryParse(row.AsSpan(0, first), NumberStyles.None, CultureInfo.InvariantCulture, out int id)
                || !int.TryParse(row.AsSpan(last + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int length)
                || PythonLiteral.Evaluate(row[(first + 1)..last]) is not { } bytes || bytes.Length != length)
                throw new CaravanException(
                    $"'{path}' has in line {number} no id, Python literal and number of its bytes, as in RWKV's vocabulary; download the file again.");
            vocabulary.Add(PythonLiteral.Spell(bytes), id, 0, $"'{path}' in line {number}");
        }

        AddedToken end = new(0, "<|endoftext|>") { Special = true };
        vocabulary.AddToken(end, $"'{path}'");
        return new Tokenizer(new TokenizerDefinition
        {
            Source = path,
            Model = ModelKind.LongestMatch,
            Pieces = vocabulary.Pieces([end], null, byteFallback: false),
            Added = [end],
            BosId = 0,
            EosId = 0,
        });
    }
}
