using System.Text;
using System.Text.Json.Nodes;
using Caravan.Testing;

namespace Caravan.Training.Tests;

/// <summary>Formats are told by their fields, read, and written back.</summary>
public sealed class FormatTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData("text", """{"text": "Once."}""")]
    [InlineData("alpaca", """{"instruction": "Add.", "input": "", "output": "3"}""")]
    [InlineData("alpaca", """{"instruction": "Add.", "input": "", "output": "3", "system": "Be brief."}""")]
    [InlineData("sharegpt", """{"conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}]}""")]
    [InlineData("sharegpt", """{"conversations": [{"from": "human", "value": "Hi"}, {"from": "function_call", "value": "{\"name\":\"f\",\"arguments\":{\"a\":1}}"}, {"from": "observation", "value": "2"}, {"from": "gpt", "value": "Two."}], "tools": "[{\"type\":\"function\"}]"}""")]
    [InlineData("messages", """{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": null, "tool_calls": [{"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]}], "tools": [{"type": "function"}]}""")]
    [InlineData("preference", """{"prompt": "Hi", "chosen": "Hello", "rejected": "No", "margin": 1.5}""")]
    [InlineData("preference", """{"prompt": [{"role": "user", "content": "Hi"}], "chosen": [{"role": "assistant", "content": "Hello"}], "rejected": [{"role": "assistant", "content": "No"}]}""")]
    [InlineData("kto", """{"prompt": "Hi", "completion": "Hello", "label": true}""")]
    [InlineData("prompt", """{"prompt": "2+2?", "answer": "4", "tests": ["a", 1]}""")]
    [InlineData("ranked", """{"prompt": "Hi", "responses": ["a", "b"], "scores": [1, -2.5]}""")]
    [InlineData("steerlm", """{"prompt": "Hi", "response": "Hello", "helpfulness": 4, "verbosity": 1}""")]
    public void WhatIsReadIsWrittenBack(string format, string record)
    {
        SampleFiles files = Files("a.jsonl", record);
        SampleFormat found = files.FormatOf(files.Files[0].Path);
        Assert.Equal(format, found.Name);
        JsonObject written = Assert.Single(found.Write(Assert.Single(files.Samples()))!);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(record), written), written.ToJsonString());
    }

    [Theory]
    // Anthropic's HH: both repeat the dialogue.
    [InlineData("""{"chosen": "\n\nHuman: Hi\n\nAssistant: Yes?\n\nHuman: Help\n\nAssistant: Sure.", "rejected": "\n\nHuman: Hi\n\nAssistant: Yes?\n\nHuman: Help\n\nAssistant: No."}""", "user: Hi|assistant: Yes?|user: Help", "Sure.", "No.", null)]
    // UltraFeedback: the prompt is also the first message of both.
    [InlineData("""{"prompt": "Hi", "chosen": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Sure."}], "rejected": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "No."}], "score_chosen": 8.5, "score_rejected": 6}""", "user: Hi", "Sure.", "No.", 2.5)]
    // Orca: a system message and a question.
    [InlineData("""{"system": "Be kind.", "question": "Hi", "chosen": "Sure.", "rejected": "No."}""", "system: Be kind.|user: Hi", "Sure.", "No.", null)]
    public void PreferencesOfOthersBecomeOne(string record, string prompt, string chosen, string rejected, double? margin)
    {
        PreferenceSample pair = Assert.IsType<PreferenceSample>(Assert.Single(Files("a.jsonl", record).Samples()));
        Assert.Equal(prompt, string.Join('|', pair.Prompt.Messages!.Select(message => $"{message!["role"]}: {message["content"]}")));
        Assert.Equal(chosen, Assert.Single(pair.Chosen.Texts("x")).Text);
        Assert.Equal(rejected, Assert.Single(pair.Rejected.Texts("x")).Text);
        Assert.Equal(margin, pair.Margin);
    }

    [Fact]
    public void TablesAndListsAndTextsHoldTheSame()
    {
        string[] expected = ["One,\n\"two\" 好", "Three"];
        Assert.Equal(expected, Texts(Files("a.csv", "id,text\n1,\"One,\n\"\"two\"\" 好\"\n2,Three\n")));
        Assert.Equal(expected, Texts(Files("a.tsv", "\uFEFFid\ttext\r\n1\t\"One,\n\"\"two\"\" 好\"\r\n2\tThree\r\n")));
        Assert.Equal(expected, Texts(Files("a.json", " [\n{\"text\": \"One,\\n\\\"two\\\" 好\"}, {\"text\":\n \"Three\"}\n]\n")));
        Assert.Equal(expected, Texts(Files("b.json", "\uFEFF{\"text\": \"One,\\n\\\"two\\\" 好\"}\r\n\r\n{\"text\": \"Three\"}")));
        Assert.Equal(expected, Texts(Files("a.txt", "\n\nOne,\r\n\"two\" 好\r\n\r\n\r\nThree")));
        string packed = folder.File("c.jsonl.gz");
        using (Stream stream = new System.IO.Compression.GZipStream(File.Create(packed), System.IO.Compression.CompressionLevel.Fastest))
            stream.Write("{\"text\": \"One,\\n\\\"two\\\" 好\"}\n{\"text\": \"Three\"}\n"u8);
        Assert.Equal(expected, Texts(new SampleFiles([packed])));
        Assert.Equal(["One\n\nTwo"], Texts(new SampleFiles([folder.Write("whole.txt", "One\n\nTwo\n"u8)], wholeFile: true)));
    }

    [Fact]
    public void RecordsKnowTheirLines()
    {
        Assert.Equal([2, 5], Files("a.csv", "text\n\"a\nb\n\"\nc\n").Samples().Select(sample => sample.Origin.Line));
        Assert.Equal([2, 4], Files("a.json", "[\n{\"text\": \n\"a\"},\n{\"text\": \"b\"}]").Samples().Select(sample => sample.Origin.Line));
        Assert.Equal([2, 5], Files("a.txt", "\na\nb\n\nc\n").Samples().Select(sample => sample.Origin.Line));
        Assert.Equal([1, 3], Files("a.jsonl", "{\"text\": \"a\"}\n\n{\"text\": \"b\"}").Samples().Select(sample => sample.Origin.Line));
    }

    [Fact]
    public void LongFilesPassThroughABufferThatGrows()
    {
        string[] texts = [.. Enumerable.Range(0, 40).Select(i => new string((char)('a' + (i % 26)), i * 5003))];
        Assert.Equal(texts, Texts(Files("a.jsonl", string.Join('\n', texts.Select(text => $"{{\"text\":\"{text}\"}}")))));
        Assert.Equal(texts, Texts(Files("a.json", $"[{string.Join(',', texts.Select(text => $"{{\"text\":\"{text}\"}}"))}]")));
    }

    [Theory]
    [InlineData("a.jsonl", "{\"text\": \"a\"}\n{\"text\": ", "'a.jsonl' line 2 is not valid JSON at byte ")]
    [InlineData("a.jsonl", "{\"text\": \"a\"}\n{\"text\": \"a\"} x", "'a.jsonl' line 2 is not valid JSON at byte 15")]
    [InlineData("a.jsonl", "{\"text\": \"a\"}\n{\"text\": \"a\", \"text\": \"b\"}", "'a.jsonl' line 2 is not valid JSON, having a field twice; correct or remove it.")]
    [InlineData("a.jsonl", "{\"text\": \"a\"}\n[1]", "'a.jsonl' line 2 holds a JSON Array; an object was expected.")]
    [InlineData("a.jsonl", "{\"text\": \"a\"}\n{\"text\": 5}", "'a.jsonl' line 2 has 5 as 'text'; a text was expected.")]
    [InlineData("a.jsonl", "{\"text\": \"a\"}\n{\"txt\": \"b\"}", "'a.jsonl' line 2 has no field 'text' or 'content'; it has 'txt'.")]
    [InlineData("a.jsonl", "{\"text\": \"a\"}\n{\"text\": \"\\ud800\"}", "'a.jsonl' line 2 holds half of a surrogate pair")]
    [InlineData("a.jsonl", "{\"text\": \"a\"}\n{\"text\": \"\u00ff\"}", "'a.jsonl' line 2 holds bytes that are not UTF-8")]
    [InlineData("a.txt", "a\n\n\u00ff", "'a.txt' line 3 holds bytes that are not UTF-8")]
    [InlineData("a.csv", "text\na\n\u00ff", "'a.csv' line 3 holds bytes that are not UTF-8")]
    [InlineData("a.csv", "text,id\na,1\nb", "'a.csv' line 3 begins a row that is no CSV")]
    [InlineData("a.csv", "text,id\na,1\n\"b", "'a.csv' line 3 begins a row that is no CSV")]
    [InlineData("a.csv", "text,text\na,1\n", "'a.csv' line 1 names two columns 'text'")]
    [InlineData("a.json", "[{\"text\": \"a\"}\n{\"text\": \"b\"}]", "'a.json' line 2 has '{' where a comma or the end of the list was expected.")]
    [InlineData("a.json", "[{\"text\": \"a\"},", "'a.json' line 1 ends inside the list of records")]
    [InlineData("a.json", "[{\"text\": \"a\"}] x", "'a.json' line 1 has 'x' where the end of the file was expected.")]
    [InlineData("a.jsonl", "", "'a.jsonl' holds no records.")]
    [InlineData("a.jsonl", "{\"other\": 1}", "'a.jsonl' line 1 has the fields 'other', which fit no known format; the formats are preference (prompt, chosen, rejected, tools);")]
    [InlineData("a.jsonl", "{\"messages\": []}", "'a.jsonl' line 1 has an empty conversation; at least one message was expected.")]
    [InlineData("a.jsonl", "{\"messages\": [{\"role\": \"usr\", \"content\": \"a\"}]}", "'a.jsonl' line 1 has a message of the unknown role 'usr'; system, developer, user, assistant, tool were expected. Did you mean 'user'?")]
    [InlineData("a.jsonl", "{\"messages\": [{\"role\": \"user\"}]}", "'a.jsonl' line 1 has a message of the user without content.")]
    [InlineData("a.jsonl", "{\"conversations\": [{\"from\": \"alien\", \"value\": \"a\"}]}", "'a.jsonl' line 1 has a turn of the unknown role 'alien'")]
    [InlineData("a.jsonl", "{\"conversations\": []}", "'a.jsonl' line 1 has an empty conversation")]
    [InlineData("a.jsonl", "{\"chosen\": \"a\", \"rejected\": \"b\"}", "'a.jsonl' line 1 has no prompt")]
    [InlineData("a.jsonl", "{\"prompt\": \"p\", \"responses\": [\"a\"], \"scores\": [1, 2]}", "'a.jsonl' line 1 has 1 responses and 2 scores")]
    [InlineData("a.jsonl", "{\"prompt\": \"p\", \"completion\": \"a\", \"label\": \"maybe\"}", "'a.jsonl' line 1 has \"maybe\" as 'label'; true or false was expected.")]
    [InlineData("a.xyz", "a", "'a.xyz' ends in '.xyz', which tells nothing")]
    [InlineData("a.parquet", "PAR1....", "'a.parquet' is a Parquet file, which is not read")]
    public void BadDataIsToldInOneSentence(string name, string content, string expected)
    {
        CaravanException problem = Assert.Throws<CaravanException>(() => Files(name, content, latin: content.Contains('\u00ff')).Samples().ToList());
        Assert.StartsWith(expected, problem.Message.Replace(folder.Path + Path.DirectorySeparatorChar, "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void MissingFilesAndBrokenArchivesAreToldToo()
    {
        Assert.Contains("does not exist", Assert.Throws<CaravanException>(() => new SampleFiles([folder.File("no.jsonl")])).Message, StringComparison.Ordinal);
        using MemoryStream packed = new();
        using (Stream stream = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
            for (int i = 0; i < 1000; i++) stream.Write(Encoding.UTF8.GetBytes($"{{\"text\": \"{i * i}\"}}\n"));
        byte[] whole = packed.ToArray();
        Assert.Equal(1000, new SampleFiles([folder.Write("whole.jsonl.gz", whole)]).Samples().Count());
        whole[whole.Length / 3] ^= 0x55;
        foreach (byte[] content in (byte[][])[[0x1F, 0x8B, 8, 0, 1, 2, 3], packed.ToArray()[..(whole.Length / 2)], whole])
        {
            string broken = folder.Write("a.jsonl.gz", content);
            Assert.Contains("broken gzip", Assert.Throws<CaravanException>(() => new SampleFiles([broken]).Samples().Count()).Message, StringComparison.Ordinal);
        }

        Assert.Contains("holds no training data", Assert.Throws<CaravanException>(() => new SampleFiles([Directory.CreateDirectory(folder.File("empty")).FullName])).Message, StringComparison.Ordinal);
        Assert.Contains("Did you mean 'alpaca'?", Assert.Throws<CaravanException>(() => SampleFormats.Named("alpacca")).Message, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();

    private static string[] Texts(SampleFiles files) => [.. files.Samples().Select(sample => ((TextSample)sample).Text)];

    private SampleFiles Files(string name, string content, bool latin = false) => new([folder.Write(name, (latin ? Encoding.Latin1 : Encoding.UTF8).GetBytes(content))]);
}
