using System.Text;
using Caravan.Testing;

namespace Caravan.Text.Tests;

/// <summary>Small tokenizers spelled out in the tests.</summary>
internal static class Small
{
    /// <summary>A tokenizer.json from its parts; quotes are written as apostrophes.</summary>
    public static string Json(string model, string normalizer = "null", string pre = "null", string post = "null", string decoder = "null", string added = "[]") =>
        $"{{'version':'1.0','added_tokens':{added},'normalizer':{normalizer},'pre_tokenizer':{pre},'post_processor':{post},'decoder':{decoder},'model':{model}}}"
            .Replace('\'', '"');

    /// <summary>A word-level model of these words, the first of them unknown.</summary>
    public static string Words(params string[] words) =>
        $"{{'type':'WordLevel','unk_token':'{words[0]}','vocab':{{{string.Join(',', words.Select((word, id) => $"'{word}':{id}"))}}}}}";

    /// <summary>A BPE model of these pieces and merges.</summary>
    public static string Pairs(string[] pieces, string[] merges, string more = "") =>
        $"{{'type':'BPE',{more}'vocab':{{{string.Join(',', pieces.Select((piece, id) => $"'{piece}':{id}"))}}},'merges':[{string.Join(',', merges.Select(merge => $"'{merge}'"))}]}}";

    public static Tokenizer Load(string json) => new(TokenizerJsonReader.Read(Encoding.UTF8.GetBytes(json), "tokenizer.json"));

    /// <summary>The message with which a file is refused.</summary>
    public static string Refusal(string name, byte[] content, params (string Name, string Content)[] others)
    {
        using TemporaryFolder folder = new();
        foreach ((string other, string text) in others) File.WriteAllText(folder.File(other), text);
        string path = folder.Write(name, content);
        return Assert.Throws<CaravanException>(() => Tokenizer.Load(path)).Message.Replace(path, name, StringComparison.Ordinal);
    }

    public static string Refusal(string json) => Refusal("tokenizer.json", Encoding.UTF8.GetBytes(json));

    /// <summary>A SentencePiece model file.</summary>
    public static byte[] SentencePiece(
        IEnumerable<Piece> pieces, int modelType, bool byteFallback = false, byte[]? map = null, bool prefix = true, bool tidy = true)
    {
        using MemoryStream file = new();
        foreach (Piece piece in pieces)
        {
            using MemoryStream body = new();
            Field(body, 1, Encoding.UTF8.GetBytes(piece.Text));
            body.WriteByte(2 << 3 | 5);
            body.Write(BitConverter.GetBytes((float)piece.Score));
            Number(body, 3, (int)piece.Kind);
            Field(file, 1, body.ToArray());
        }

        using MemoryStream trainer = new(), normalizer = new();
        Number(trainer, 3, modelType);
        Number(trainer, 35, byteFallback ? 1 : 0);
        Field(file, 2, trainer.ToArray());
        if (map is not null) Field(normalizer, 2, map);
        Number(normalizer, 3, prefix ? 1 : 0);
        Number(normalizer, 4, tidy ? 1 : 0);
        Field(file, 3, normalizer.ToArray());
        return file.ToArray();
    }

    private static void Varint(Stream stream, ulong value)
    {
        for (; value >= 0x80; value >>= 7) stream.WriteByte((byte)(value & 0x7F | 0x80));
        stream.WriteByte((byte)value);
    }

    private static void Field(Stream stream, int number, byte[] bytes)
    {
        Varint(stream, (ulong)number << 3 | 2);
        Varint(stream, (ulong)bytes.Length);
        stream.Write(bytes);
    }

    private static void Number(Stream stream, int number, int value)
    {
        Varint(stream, (ulong)number << 3);
        Varint(stream, (ulong)value);
    }

    /// <summary>SentencePiece's compiled character map of these replacements, as Darts lays it out.</summary>
    public static byte[] CharacterMap(params (string From, string To)[] rules)
    {
        List<byte> texts = [];
        SortedDictionary<string, int> values = new(StringComparer.Ordinal);
        foreach ((string from, string to) in rules)
        {
            values[Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(from))] = texts.Count;
            texts.AddRange([.. Encoding.UTF8.GetBytes(to), 0]);
        }

        uint[] units = new uint[4096];
        bool[] used = new bool[units.Length];
        used[0] = true;
        Place(0, "", values, units, used);
        byte[] trie = new byte[(Array.FindLastIndex(used, place => place) + 1) * 4];
        Buffer.BlockCopy(units, 0, trie, 0, trie.Length);
        return [.. BitConverter.GetBytes(trie.Length), .. trie, .. texts];
    }

    private static void Place(int node, string prefix, SortedDictionary<string, int> values, uint[] units, bool[] used)
    {
        int[] labels = [.. values.Keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal))
            .Select(key => key.Length == prefix.Length ? 0 : key[prefix.Length]).Distinct()];
        int offset = Enumerable.Range(1, 2000).First(candidate => labels.All(label => !used[node ^ candidate ^ label]));
        units[node] |= (uint)offset << 10;
        foreach (int label in labels) used[node ^ offset ^ label] = true;
        foreach (int label in labels)
        {
            int child = node ^ offset ^ label;
            if (label == 0)
            {
                units[node] |= 0x100;
                units[child] = 0x80000000 | (uint)values[prefix];
                continue;
            }

            units[child] = (uint)label;
            Place(child, prefix + (char)label, values, units, used);
        }
    }
}
