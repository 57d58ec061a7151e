using System.Text.Json.Nodes;
using Caravan.Inference;
using Caravan.Testing;
using Caravan.Text;

namespace Caravan.Training.Tests;

/// <summary>Of a conversation exactly what the model says is learnt, whatever the template does.</summary>
public class MaskTests
{
    /// <summary>What some templates have the model say before an answer: closed thoughts, the name of a channel. Tokens here are bytes, so that a control token that begins like that of the prompt is cut.</summary>
    private static readonly Dictionary<string, string> Openings = new()
    {
        ["Cohere2MoE.jinja"] = "EXT|>",
        ["CohereForAI-c4ai-command-r-plus-tool_use.jinja"] = "CHATBOT_TOKEN|>",
        ["CohereForAI-c4ai-command-r7b-12-2024-tool_use.jinja"] = "RESPONSE|>",
        ["GLM-4.6.jinja"] = "\n<think></think>\n",
        ["GLM-5.2.jinja"] = "</think>",
        ["Kimi-K2-Thinking.jinja"] = "<think></think>",
        ["NVIDIA-Nemotron-3-Nano-30B-A3B-BF16.jinja"] = "</think>",
        ["Qwen-Qwen3-0.6B.jinja"] = "<think>\n\n</think>\n\n",
        ["Qwen3.5-4B.jinja"] = "\n</think>\n\n",
        ["Reka-Edge.jinja"] = " ",
        ["deepseek-ai-DeepSeek-V3.2.jinja"] = "/think>",
        ["llama-cpp-rwkv-world.jinja"] = " ",
        ["meetkai-functionary-medium-v3.2.jinja"] = "all\n",
        ["stepfun-ai-Step-3.5-Flash.jinja"] = "\n</think>\n",
    };

    /// <summary>Templates that write an earlier turn, or the question before it, differently once others follow.</summary>
    private static readonly string[] Rewriting =
        ["Qwen-Qwen3-0.6B.jinja", "Qwen3.5-4B.jinja", "mistralai-Mistral-Nemo-Instruct-2407.jinja", "stepfun-ai-Step-3.5-Flash.jinja"];

    private static readonly string[] Ends =
        [.. TemplateTurns.Ends, "\n\nUser:", "<|user|>", "<|END_TEXT|><|END_OF_TURN_TOKEN|>", "<|END_RESPONSE|><|END_OF_TURN_TOKEN|>"];

    [FixtureTheory]
    [MemberData(nameof(Templates))]
    public void OnlyAnswersAndTheirEndsAreLearnt(string name)
    {
        (Tokenizer tokenizer, ChatFormat format) = Format(name);
        IReadOnlyList<EncodedSequence> sequences = new ConversationEncoder(tokenizer, format).Encode(TwoRounds(), null);
        Assert.Equal(Rewriting.Contains(name) ? 2 : 1, sequences.Count);
        string[] learnt = [.. sequences.SelectMany(sequence => ByteTokenizer.Learnt(tokenizer, sequence))];
        Assert.Equal(2, learnt.Length);
        string opening = Openings.GetValueOrDefault(name, "");
        foreach ((string text, string answer) in learnt.Zip(["Answer one.", "Answer two."]))
        {
            Assert.StartsWith(opening + answer, text, StringComparison.Ordinal);
            string end = text[(opening + answer).Length..];
            Assert.Contains(Ends, known => end.TrimStart('\n') == known.TrimStart('\n'));
        }
    }

    [FixtureTheory]
    [MemberData(nameof(Templates))]
    public void AnswersStandBehindThePromptThatTheModelWillSee(string name)
    {
        (Tokenizer tokenizer, ChatFormat format) = Format(name);
        JsonArray messages = TwoRounds();
        IReadOnlyList<EncodedSequence> sequences = new ConversationEncoder(tokenizer, format).Encode(messages, null);
        int[] prompt = ChatPrompt.Of(format, [.. messages.Take(4).Select(message => message!.DeepClone())], null).Prompt.Tokens;
        ReadOnlySpan<int> learntFrom = sequences[^1].Tokens;
        string seen = tokenizer.Decode(prompt, skipSpecial: false), trained = tokenizer.Decode(learntFrom, skipSpecial: false);
        // All but an opening of the answer that the prompt has and the answer has not.
        int shared = seen.AsSpan().CommonPrefixLength(trained);
        Assert.True(shared > seen.LastIndexOf("Question two?", StringComparison.Ordinal) + "Question two?".Length - 1, $"{seen}\n---\n{trained}");
    }

    [FixtureTheory]
    [MemberData(nameof(Templates))]
    public void CallsAreLearntAndTheirResultsAreNot(string name)
    {
        (Tokenizer tokenizer, ChatFormat format) = Format(name);
        JsonArray messages = (JsonArray)JsonNode.Parse("""
            [{"role": "user", "content": "Weather in Oslo?"},
             {"role": "assistant", "content": "", "tool_calls": [{"id": "call00001", "type": "function", "function": {"name": "get_weather", "arguments": {"city": "Bergen"}}}]},
             {"role": "tool", "tool_call_id": "call00001", "name": "get_weather", "content": "{\"degrees\": 77}"},
             {"role": "assistant", "content": "Warm there."}]
            """)!;
        JsonArray tools = (JsonArray)JsonNode.Parse("""[{"type": "function", "function": {"name": "get_weather", "description": "Weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}}]""")!;
        string learnt = string.Concat(new ConversationEncoder(tokenizer, format).Encode(messages, tools).SelectMany(sequence => ByteTokenizer.Learnt(tokenizer, sequence)));
        Assert.Contains("Bergen", learnt, StringComparison.Ordinal);
        Assert.Contains("get_weather", learnt, StringComparison.Ordinal);
        Assert.Contains("Warm there.", learnt, StringComparison.Ordinal);
        Assert.DoesNotContain("77", learnt, StringComparison.Ordinal);
        Assert.DoesNotContain("Oslo", learnt, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("chatml", "Answer one.<|im_end|>", "Answer two.<|im_end|>")]
    [InlineData("plain", " Answer one.\nUser:", " Answer two.</s>")]
    [InlineData("vicuna", " Answer one.</s>", " Answer two.</s>")]
    [InlineData("llama-2", " Answer one. </s>", " Answer two. </s>")]
    [InlineData("zephyr", "Answer one.</s>", "Answer two.</s>")]
    public void BuiltInTemplatesToo(string name, params string[] expected)
    {
        Tokenizer tokenizer = ByteTokenizer.Of(null, "<|im_start|>", "<|im_end|>");
        EncodedSequence sequence = Assert.Single(new ConversationEncoder(tokenizer, ChatFormat.Named(tokenizer, name)).Encode(TwoRounds(), null));
        Assert.Equal(expected, ByteTokenizer.Learnt(tokenizer, sequence));
    }

    [Fact]
    public void ControlTokensThatUsersSpellOutStayText()
    {
        Tokenizer tokenizer = ByteTokenizer.Of(null, "<|im_start|>", "<|im_end|>");
        JsonArray messages = [MessageList.Message("user", "a<|im_end|>b"), MessageList.Message("assistant", "c")];
        EncodedSequence sequence = Assert.Single(new ConversationEncoder(tokenizer, ChatFormat.Named(tokenizer, "chatml")).Encode(messages, null));
        Assert.Equal(2, sequence.Tokens.Count(id => id == tokenizer.TokenToId("<|im_end|>")));
        Assert.Equal(["c<|im_end|>"], ByteTokenizer.Learnt(tokenizer, sequence));
    }

    [Fact]
    public void ADateStandsStill()
    {
        Tokenizer tokenizer = ByteTokenizer.Of("{{ strftime_now('%Y-%m-%d') }}{% for m in messages %}{{ m.content }}</s>{% endfor %}");
        TrainingText text = new(tokenizer, ChatFormat.Of(tokenizer, "x"), new TrainingTextOptions { Context = 100 });
        EncodedSample sample = text.Encode(new ConversationSample([MessageList.Message("user", "q"), MessageList.Message("assistant", "a")], null, new Origin("f", 1)))!;
        Assert.Equal("2026-01-01q</s>a</s>", tokenizer.Decode(sample.Sequences[0].Tokens, skipSpecial: false));
    }

    public static TheoryData<string> Templates()
    {
        TheoryData<string> names = [];
        if (!Fixtures.Available) return names;
        // MiroThinker's changes its messages, which Jinja2 refuses too.
        foreach (string file in Directory.GetFiles(Fixtures.PathOf("templates"), "*.jinja").Order(StringComparer.Ordinal))
            if (Path.GetFileName(file) != "MiroThinker.jinja") names.Add(Path.GetFileName(file));
        return names;
    }

    private static (Tokenizer Tokenizer, ChatFormat Format) Format(string template)
    {
        Tokenizer tokenizer = ByteTokenizer.Of(File.ReadAllText(Fixtures.PathOf("templates", template)), TemplateTurns.Ends);
        return (tokenizer, ChatFormat.Of(tokenizer, "x"));
    }

    private static JsonArray TwoRounds() =>
    [
        MessageList.Message("system", "Rules."),
        MessageList.Message("user", "Question one?"),
        MessageList.Message("assistant", "Answer one."),
        MessageList.Message("user", "Question two?"),
        MessageList.Message("assistant", "Answer two."),
    ];
}
