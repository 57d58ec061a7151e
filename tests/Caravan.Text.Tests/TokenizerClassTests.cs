using System.Text;
using System.Text.Json;
using Caravan.Testing;

namespace Caravan.Text.Tests;

/// <summary>What tokenizer classes do that no file says; the expected ids follow from the classes' definitions by hand.</summary>
public class TokenizerClassTests
{
    private static readonly Piece[] Special = [new("<unk>", 0, PieceKind.Unknown), new("<s>", 0, PieceKind.Control), new("</s>", 0, PieceKind.Control)];

    [Fact]
    public void T5_counts_its_sentinels_down_from_the_end()
    {
        Piece[] pieces = [.. Special, new("\u2581a", -1), new("a", -2), new("\u2581", -3)];
        Tokenizer tokenizer = Load("spiece.model", Small.SentencePiece(pieces, 1), """{"tokenizer_class": "T5Tokenizer", "extra_ids": 100, "eos_token": "</s>", "unk_token": "<unk>"}""");
        Assert.Equal(106, tokenizer.VocabularySize);
        Assert.Equal([3, 105, 6, 2], tokenizer.Encode("a<extra_id_0><extra_id_99>", parseSpecial: true));
        Assert.Equal(6, Load("spiece.model", Small.SentencePiece(pieces, 1), """{"tokenizer_class": "T5Tokenizer", "extra_ids": 0}""").VocabularySize);
        Assert.Equal(6, Load("spiece.model", Small.SentencePiece(pieces, 1), """{"tokenizer_class": "AlbertTokenizer"}""").VocabularySize);
        Assert.Equal(106, Load("spiece.model", Small.SentencePiece(pieces, 1), "{}", ("config.json", """{"model_type": "mt5"}""")).VocabularySize);
    }

    [Fact]
    public void Glm1_counts_images_first_and_names_blanks()
    {
        Piece[] pieces =
        [
            .. Special, new("<n>", 0, PieceKind.UserDefined), new("<|tab|>", 0, PieceKind.UserDefined), new("<|blank_2|>", 0, PieceKind.UserDefined), new("<|blank_3|>", 0, PieceKind.UserDefined),
            new("\u2581a", -1), new("a", -2), new("\u2581", -3), new("b", -2), new("\u2581b", -1), new("[gMASK]", 0, PieceKind.Control), new("<sop>", 0, PieceKind.Control),
            new("<eop>", 0, PieceKind.Control),
        ];
        byte[] file = Small.SentencePiece(pieces, 1, tidy: false);
        Tokenizer tokenizer = Load("ice_text.model", file, """{"tokenizer_class": "ChatGLMTokenizer", "num_image_tokens": 50}""");
        Assert.Equal([57, 53, 60, 55, 58, 54, 60, 62, 63], tokenizer.Encode("a\nb  a\tb"));
        Assert.Equal([57, 61, 56, 60], tokenizer.Encode("a b   b", addSpecial: false));
        Assert.Equal("a\nb  a\tb", tokenizer.Decode([57, 53, 60, 55, 58, 54, 60]));
        Assert.Equal(64, tokenizer.Definition.EosId);
        Assert.Equal("<image_49>", tokenizer.TokenText(49));
        Assert.Equal(7, Load("ice_text.model", file, """{"num_image_tokens": 0}""").Encode("a", addSpecial: false)[0]);
        Assert.Equal(20007, Load("ice_text.model", file, "{}").Encode("a", addSpecial: false)[0]);
    }

    [Fact]
    public void Glm2_puts_its_control_tokens_behind_and_two_of_them_before_a_text()
    {
        Piece[] pieces = [.. Special, new("\u2581a", -1), new("a", -2), new("\u2581", -3)];
        Tokenizer tokenizer = Load("tokenizer.model", Small.SentencePiece(pieces, 2), """{"tokenizer_class": "ChatGLMTokenizer"}""");
        Assert.Equal([7, 9, 3], tokenizer.Encode("a"));
        Assert.Equal(["[MASK]", "[gMASK]", "[sMASK]", "sop", "eop", "<|system|>", "<|user|>", "<|assistant|>", "<|observation|>"], Enumerable.Range(6, 9).Select(tokenizer.TokenText));
        Assert.Equal(2, tokenizer.Definition.EosId);
        Assert.Equal([12, 3], tokenizer.Encode("<|user|>a", addSpecial: false, parseSpecial: true));
    }

    [Fact]
    public void Fairseq_has_its_own_order_of_control_tokens()
    {
        Piece[] pieces = [.. Special, new("\u2581a", -1), new("b", -2), new("\u2581", -3)];
        Tokenizer xglm = Load("sentencepiece.bpe.model", Small.SentencePiece(pieces, 1), """{"tokenizer_class": "XGLMTokenizer"}""");
        Assert.Equal([2, 4, 5], xglm.Encode("ab"));
        Assert.Equal(7 + 7, xglm.VocabularySize);
        Assert.Equal([4, 3], xglm.Encode("ac", addSpecial: false));
        Tokenizer roberta = Load("sentencepiece.bpe.model", Small.SentencePiece(pieces, 1), """{"tokenizer_class": "XLMRobertaTokenizer"}""");
        Assert.Equal([0, 4, 5, 2], roberta.Encode("ab"));
        Assert.Equal("<mask>", roberta.TokenText(7));
    }

    [Fact]
    public void Bytes_need_no_file()
    {
        Tokenizer byt5 = Tokenizer.Load("byt5");
        Assert.Equal(384, byt5.VocabularySize);
        Assert.Equal([.. "h\u00E9"u8.ToArray().Select(value => value + 3), 1], byt5.Encode("h\u00E9"));
        Assert.Equal([259, 'a' + 3], byt5.Encode("<extra_id_0>a", addSpecial: false, parseSpecial: true));
        Assert.Equal("h\u00E9", byt5.Decode(byt5.Encode("h\u00E9")));
        Tokenizer bgpt = Tokenizer.Load("bgpt");
        Assert.Equal(257, bgpt.VocabularySize);
        Assert.Equal(["\n"[0], 0xF0, 0x9F, 0x90, 0xAB], bgpt.Encode("\n\U0001F42B"));
        Assert.Equal(256, bgpt.Definition.EosId);
        using TemporaryFolder folder = new();
        folder.Write("tokenizer_config.json", """{"tokenizer_class": "ByT5Tokenizer", "extra_ids": 10}"""u8);
        Assert.Equal(269, Tokenizer.Load(folder.Path).VocabularySize);
        folder.Write("tokenizer_config.json", """{"tokenizer_class": "ByT5Tokenizer", "extra_ids": 2000000000}"""u8);
        Assert.Contains("'extra_ids'", Assert.Throws<CaravanException>(() => Tokenizer.Load(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Opt_begins_a_text_where_gpt2_does_not()
    {
        string[] pieces = ["</s>", "a", "b", "\u0120", "\u0120a", "ab"];
        Assert.Equal([5], Pairs(pieces, ["\u0120 a", "a b"], """{"tokenizer_class": "GPT2Tokenizer"}""").Encode("ab"));
        Assert.Equal([0, 5], Pairs(pieces, ["\u0120 a", "a b"], """{"tokenizer_class": "GPT2Tokenizer", "bos_token": "</s>", "add_bos_token": true}""").Encode("ab"));
        Assert.Equal([4, 2], Pairs(pieces, ["\u0120 a", "a b"], """{"tokenizer_class": "GPT2Tokenizer", "add_prefix_space": true}""").Encode("ab"));
    }

    [Fact]
    public void Roberta_stands_between_its_marks_and_a_mask_takes_the_blank_before_it()
    {
        string[] pieces = ["<s>", "<pad>", "</s>", "<unk>", "a", "\u0120", "\u0120a", "<mask>"];
        Tokenizer tokenizer = Pairs(pieces, ["\u0120 a"], """{"tokenizer_class": "RobertaTokenizer", "mask_token": "<mask>"}""");
        Assert.Equal([0, 4, 7, 6, 2], tokenizer.Encode("a <mask> a", parseSpecial: true));
    }

    [Fact]
    public void OpenAi_gpt_marks_the_ends_of_lower_case_words()
    {
        string[] pieces = ["<unk>", "a", "b", "a</w>", "b</w>", "ab</w>", ".</w>"];
        Tokenizer tokenizer = Pairs(pieces, ["a b</w>"], """{"tokenizer_class": "OpenAIGPTTokenizer", "unk_token": "<unk>"}""");
        Assert.Equal([5, 6, 2, 3, 0], tokenizer.Encode("AB. ba ?"));
        Assert.Equal("ab . ba", tokenizer.Decode([5, 6, 2, 3]));
    }

    [Fact]
    public void Ctrl_marks_the_pieces_that_a_word_goes_on_behind()
    {
        string[] pieces = ["<unk>", "a@@", "b@@", "a", "b", "ab", "ab@@", "\n", "c@@"];
        Tokenizer tokenizer = Pairs(pieces, ["a b</w>", "a b"], """{"tokenizer_class": "CTRLTokenizer", "unk_token": "<unk>"}""");
        Assert.Equal([5, 6, 3, 1, 7, 4], tokenizer.Encode("ab aba a\nb"));
        Assert.Equal([8, 0], tokenizer.Encode("c?"));
        Assert.Equal("ab aba", tokenizer.Decode([5, 6, 3]));
    }

    [Fact]
    public void Merges_that_lead_out_of_a_marked_vocabulary_are_unknown() =>
        Assert.Equal([0, 3], Pairs(["<unk>", "a", "b</w>", "a</w>"], ["a b</w>"], """{"tokenizer_class": "BioGptTokenizer", "unk_token": "<unk>"}""").Encode("ab a"));

    [Fact]
    public void Biogpt_begins_with_an_end_of_text_token()
    {
        string[] pieces = ["<s>", "<pad>", "</s>", "<unk>", "a</w>", ",</w>", ".</w>", "&", "apos;", "s</w>"];
        Tokenizer tokenizer = Pairs(pieces, [], """{"tokenizer_class": "BioGptTokenizer", "unk_token": "<unk>"}""", third: true);
        Assert.Equal([2, 4, 5, 4, 6], tokenizer.Encode("a, a."));
    }

    [Theory]
    [InlineData("This, is a sentence with weird\u00BB symbols\u2026 appearing everywhere\u00BF", "This , is a sentence with weird \u00BB symbols \u2026 appearing everywhere \u00BF")]
    [InlineData("Mr. Smith paid 5,300 for No. 7, i.e. all.", "Mr. Smith paid 5,300 for No. 7 , i.e. all .")]
    [InlineData("It's the dogs' well-known 1990's \"bone\".", "It &apos;s the dogs &apos; well @-@ known 1990 &apos;s &quot; bone &quot; .")]
    [InlineData("wait...  what? a.b. then", "wait ... what ? a.b. then")]
    [InlineData("p < 0.05 [1] & x|y", "p &lt; 0.05 &#91; 1 &#93; &amp; x &#124; y")]
    [InlineData("The end. Of it.", "The end . Of it .")]
    [InlineData("2,", "2 ,")]
    [InlineData("IL-2-mediated\tT\u0007cells \U0001F42B", "IL @-@ 2 @-@ mediated Tcells \U0001F42B")]
    [InlineData("", "")]
    public void Moses_puts_blanks_around_what_is_no_word(string text, string expected)
    {
        AlignedText aligned = new();
        aligned.Load(text, 0);
        new MosesNormalizer().Apply(aligned);
        Assert.Equal(expected, string.Join(' ', aligned.Span.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries)));
    }

    [FixtureFact]
    public void A_models_folder_may_hold_rwkvs_vocabulary()
    {
        using TemporaryFolder folder = new();
        byte[] file = File.ReadAllBytes(Fixtures.PathOf("tokenizers", "rwkv-world", "rwkv_vocab_v20230424.txt"));
        foreach (string name in new[] { "rwkv_vocab_v20230424.txt", "vocab.txt" })
        {
            string path = folder.Write(name, file);
            Assert.Equal([33155], Tokenizer.Load(folder.Path).Encode("Hello").Take(1));
            File.Delete(path);
        }
    }

    private static Tokenizer Load(string name, byte[] file, string config, params (string Name, string Content)[] others)
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder.File("tokenizer_config.json"), config);
        foreach ((string other, string content) in others) File.WriteAllText(folder.File(other), content);
        folder.Write(name, file);
        return Tokenizer.Load(folder.Path);
    }

    private static Tokenizer Pairs(string[] pieces, string[] merges, string config, bool third = false)
    {
        string vocabulary = JsonSerializer.Serialize(pieces.Select((piece, id) => (piece, id)).ToDictionary(pair => pair.piece, pair => pair.id));
        string lines = "#version: 0.2\n" + string.Concat(merges.Select(merge => merge + (third ? " 17\n" : "\n")));
        return Load("vocab.json", Encoding.UTF8.GetBytes(vocabulary), config, ("merges.txt", lines));
    }
}
