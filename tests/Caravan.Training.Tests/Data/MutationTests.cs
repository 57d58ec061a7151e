using System.IO.Compression;
using System.Text;
using Caravan.Testing;
using Caravan.Text;

namespace Caravan.Training.Tests;

/// <summary>Broken files of training data are used or refused, never more.</summary>
public sealed class MutationTests
{
    private static readonly string Lines = string.Join('\n',
        """{"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": [{"type": "text", "text": "Caf\u00e9?"}]}, {"role": "assistant", "content": null, "tool_calls": [{"id": "1", "type": "function", "function": {"name": "f", "arguments": "{\"a\": 1}"}}]}, {"role": "tool", "tool_call_id": "1", "content": "2"}, {"role": "assistant", "content": "Two."}], "tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}]}""",
        """{"conversations": [{"from": "human", "value": "Hi"}, {"from": "function_call", "value": "{\"name\": \"f\", \"arguments\": {}}"}, {"from": "observation", "value": "2"}, {"from": "gpt", "value": "Two"}], "tools": "[]"}""",
        """{"prompt": "Hi", "chosen": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yes"}], "rejected": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "No"}], "score_chosen": 1, "score_rejected": 0.5}""",
        """{"chosen": "\n\nHuman: Hi\n\nAssistant: Yes", "rejected": "\n\nHuman: Hi\n\nAssistant: No"}""",
        """{"prompt": "Hi", "completion": "Yes", "label": 1}""",
        """{"prompt": "Hi", "responses": ["a", "b"], "scores": [1, 2e3]}""",
        """{"prompt": "Hi", "response": "Yes", "helpfulness": 4}""",
        """{"instruction": "Add", "input": "1 2", "output": "3"}""",
        """{"text": "Once upon a time"}""");

    [Theory]
    [InlineData("a.jsonl")]
    [InlineData("a.json")]
    [InlineData("a.csv")]
    [InlineData("a.txt")]
    [InlineData("a.jsonl.gz")]
    public void FilesAreUsedOrRefused(string name)
    {
        byte[] seed = name switch
        {
            "a.json" => Encoding.UTF8.GetBytes($"[{Lines.Replace("\n", ",\n", StringComparison.Ordinal)}]"),
            "a.csv" => Encoding.UTF8.GetBytes("text,prompt,completion,label\n\"a \"\"b\"\"\n c\",Hi,Yes,true\r\n好,x,y,0\n"),
            "a.txt" => Encoding.UTF8.GetBytes("Once upon\r\na time\n\n好好\n"),
            "a.jsonl.gz" => Packed(Encoding.UTF8.GetBytes(Lines)),
            _ => Encoding.UTF8.GetBytes(Lines),
        };
        using (TemporaryFolder folder = new()) Use(folder.Write(name, seed));
        MutationFuzzer.RunOnFile(seed, MutationFuzzer.Mutations(1500), seed: 5, name, Use);
    }

    /// <summary>Each record by itself, since formats differ from line to line.</summary>
    private static void Use(string path)
    {
        Tokenizer tokenizer = ByteTokenizer.Of(null, "<|im_start|>", "<|im_end|>");
        TrainingText text = new(tokenizer, ChatFormat.Named(tokenizer, "chatml"), new TrainingTextOptions { Context = 200, Long = LongSamples.Truncate });
        Shingles shingles = new(3, characters: false);
        foreach (DataRecord record in new DataFile(path).Read())
        {
            RecordField fields = record.Parse();
            SampleFormat format = SampleFormats.Of(fields);
            Sample sample = format.Read(fields);
            shingles.Of(sample);
            foreach (SampleFormat other in SampleFormats.All) other.Write(sample);
            foreach (EncodedSequence sequence in text.Encode(sample)?.Sequences ?? []) Assert.Equal(sequence.Tokens.Length, sequence.Labels.Length);
        }
    }

    private static byte[] Packed(byte[] bytes)
    {
        using MemoryStream packed = new();
        using (GZipStream stream = new(packed, CompressionLevel.Fastest, leaveOpen: true)) stream.Write(bytes);
        return packed.ToArray();
    }
}
