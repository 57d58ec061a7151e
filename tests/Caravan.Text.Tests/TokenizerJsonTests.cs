namespace Caravan.Text.Tests;

public class TokenizerJsonTests
{
    private static string[] Pieces(Tokenizer tokenizer, string text, bool special = false) =>
        [.. tokenizer.EncodeWithOffsets(text, addSpecial: false, parseSpecial: special).Select(token => token.Piece)];

    /// <summary>What a normalizer makes of a text, through the public form of the file.</summary>
    private static string Normalized(string normalizer, string text)
    {
        AlignedText aligned = new();
        aligned.Load(text, 0);
        Small.Load(Small.Json(Small.Words("?"), normalizer)).Definition.Normalizer!.Apply(aligned);
        return aligned.Span.ToString();
    }

    private static string[] Cut(string pre, string text)
    {
        Segments segments = new();
        segments.Text.Load(text, 0);
        segments.Reset();
        Small.Load(Small.Json(Small.Words("?"), pre: pre)).Definition.PreTokenizer!.Apply(segments);
        return [.. segments.Items.Select(item => segments.Text.Span[item.Start..item.End].ToString())];
    }

    [Theory]
    [InlineData("{'type':'NFC'}", "e\u0301", "\u00E9")]
    [InlineData("{'type':'NFKD'}", "\uFB01\u00E9", "fie\u0301")]
    [InlineData("{'type':'Lowercase'}", "\u00C9\u0130X\U00010400", "\u00E9i\u0307x\U00010428")]
    [InlineData("{'type':'Sequence','normalizers':[{'type':'NFD'},{'type':'StripAccents'}]}", "\u00E9\u0935\u094D", "e\u0935")]
    [InlineData("{'type':'Strip','strip_left':true,'strip_right':false}", " \t a ", "a ")]
    [InlineData("{'type':'Replace','pattern':{'Regex':' {2,}'},'content':' '}", "a   b c", "a b c")]
    [InlineData("{'type':'Replace','pattern':{'String':'ab'},'content':'xyz'}", "abcab", "xyzcxyz")]
    [InlineData("{'type':'Prepend','prepend':'_'}", "", "")]
    [InlineData("{'type':'Prepend','prepend':'_'}", "a", "_a")]
    [InlineData("{'type':'BertNormalizer','clean_text':true,'handle_chinese_chars':true,'strip_accents':null,'lowercase':true}", "H\u00E9\u0000\t漢x\u200B", "he  漢 x")]
    [InlineData("{'type':'BertNormalizer','clean_text':true,'handle_chinese_chars':false,'strip_accents':null,'lowercase':false}", "H\u00E9漢", "H\u00E9漢")]
    [InlineData("{'type':'Nmt'}", "a\u0001b\u200Bc", "ab c")]
    [InlineData("{'type':'ByteLevel'}", "a \u00E9", "a\u0120\u00C3\u00A9")]
    public void Normalizers(string normalizer, string text, string expected) => Assert.Equal(expected, Normalized(normalizer, text));

    [Theory]
    [InlineData("{'type':'Whitespace'}", "Hey, a_b! x\u0301", "Hey|,|a_b|!|x\u0301")]
    [InlineData("{'type':'WhitespaceSplit'}", "a  b,\tc", "a|b,|c")]
    [InlineData("{'type':'BertPreTokenizer'}", "a-b $5", "a|-|b|$|5")]
    [InlineData("{'type':'Digits','individual_digits':true}", "a12\u00BD", "a|1|2|\u00BD")]
    [InlineData("{'type':'Digits','individual_digits':false}", "a12b", "a|12|b")]
    [InlineData("{'type':'Punctuation','behavior':'Contiguous'}", "a?!b", "a|?!|b")]
    [InlineData("{'type':'Punctuation'}", "a?!b", "a|?|!|b")]
    [InlineData("{'type':'Split','pattern':{'String':'-'},'behavior':'Removed','invert':false}", "a--b-", "a|b")]
    [InlineData("{'type':'Split','pattern':{'String':'-'},'behavior':'Isolated','invert':false}", "a--b-", "a|-|-|b|-")]
    [InlineData("{'type':'Split','pattern':{'String':'-'},'behavior':'MergedWithPrevious','invert':false}", "-a--b-", "-|a-|-|b-")]
    [InlineData("{'type':'Split','pattern':{'String':'-'},'behavior':'MergedWithNext','invert':false}", "-a--b-", "-a|-|-b|-")]
    [InlineData("{'type':'Split','pattern':{'String':'-'},'behavior':'Contiguous','invert':false}", "-a--b-", "-|a|--|b|-")]
    [InlineData("{'type':'Split','pattern':{'Regex':'[a-c]+'},'behavior':'Removed','invert':true}", "ab-cd", "ab|c")]
    [InlineData("{'type':'Metaspace','replacement':'_','prepend_scheme':'always'}", "a b  c", "_a|_b|_|_c")]
    [InlineData("{'type':'Metaspace','replacement':'_','prepend_scheme':'never','split':false}", "a b", "a_b")]
    [InlineData("{'type':'Metaspace','replacement':'_','add_prefix_space':true}", " a", "_a")]
    [InlineData("{'type':'ByteLevel','add_prefix_space':true,'trim_offsets':true}", "a b's", "\u0120a|\u0120b|'s")]
    [InlineData("{'type':'CharDelimiterSplit','delimiter':'|'}", "a|b", "a|b")]
    public void Pre_tokenizers(string pre, string text, string expected) => Assert.Equal(expected.Split('|'), Cut(pre, text));

    [Theory]
    [InlineData("{'type':'Sequence','decoders':[{'type':'Replace','pattern':{'String':'_'},'content':' '},{'type':'Fuse'},{'type':'Strip','content':' ','start':1,'stop':0}]}", "_a|b|_c", "ab c")]
    [InlineData("{'type':'Sequence','decoders':[{'type':'Strip','content':'_','start':1,'stop':1}]}", "_a_|_b", "ab")]
    [InlineData("{'type':'Metaspace','replacement':'_','prepend_scheme':'always'}", "_a|b|_c", "ab c")]
    [InlineData("{'type':'WordPiece','prefix':'##','cleanup':true}", "a|##b|,|c|!", "ab, c!")]
    [InlineData("{'type':'WordPiece','prefix':'##','cleanup':false}", "a|##b|,|c", "ab , c")]
    [InlineData("{'type':'BPEDecoder','suffix':'</w>'}", "a|b</w>|c</w>", "ab c")]
    [InlineData("{'type':'ByteFallback'}", "x|<0xF0>|<0x9F>|<0x9A>|<0x80>|<0xFF>", "x🚀\uFFFD")]
    [InlineData("null", "a|b", "a b")]
    public void Decoders(string decoder, string tokens, string expected)
    {
        string[] words = tokens.Split('|');
        Tokenizer tokenizer = Small.Load(Small.Json(Small.Words(["?", .. words]), decoder: decoder));
        Assert.Equal(expected, tokenizer.Decode([.. Enumerable.Range(1, words.Length)]));
    }

    [Fact]
    public void Added_tokens_obey_their_flags()
    {
        string added = "[{'id':4,'content':'<l>','lstrip':true,'special':true,'normalized':false},{'id':5,'content':'<r>','rstrip':true,'special':false,'normalized':false},"
            + "{'id':6,'content':'own','single_word':true,'normalized':false},{'id':7,'content':'LOW','normalized':true},{'id':8,'content':'<r>>','normalized':false}]";
        Tokenizer tokenizer = Small.Load(Small.Json(Small.Words("?", "a", "b", "owner"), "{'type':'Lowercase'}", "{'type':'WhitespaceSplit'}", added: added));
        Assert.Equal(["a", "<l>", "b", "<r>", "a"], Pieces(tokenizer, "A  <l> b<r>  a", special: true));
        Assert.Equal([(0, 1), (1, 6), (7, 8), (8, 13), (13, 14)], tokenizer.EncodeWithOffsets("A  <l> b<r>  a", parseSpecial: true).Select(token => (token.Start, token.End)));
        Assert.Equal(["a", "?"], Pieces(tokenizer, "a <l>"));
        Assert.Equal(["a", "own", "owner"], Pieces(tokenizer, "a own owner"));
        Assert.Equal(["a", "LOW", "b"], Pieces(tokenizer, "a LoW b"));
        Assert.Equal(["<r>>", "a"], Pieces(tokenizer, "<r>>a"));
        Assert.Equal("a b", tokenizer.Decode([1, 4, 2]));
    }

    [Fact]
    public void Byte_fallback_fused_unknown_and_affixes()
    {
        string bytes = string.Join("','", Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>"));
        Tokenizer fallback = Small.Load(Small.Json(Small.Pairs([.. bytes.Split("','"), "a"], [], "'byte_fallback':true,'fuse_unk':true,")));
        Assert.Equal([256, 0xC3, 0xA9, 256], fallback.Encode("a\u00E9a"));
        Assert.Equal([(0, 1), (1, 2), (1, 2), (2, 3)], fallback.EncodeWithOffsets("a\u00E9a").Select(token => (token.Start, token.End)));
        Tokenizer fused = Small.Load(Small.Json(Small.Pairs(["?", "a"], [], "'unk_token':'?','fuse_unk':true,")));
        Assert.Equal([1, 0, 1], fused.Encode("axyza"));
        Assert.Equal([(0, 1), (1, 4), (4, 5)], fused.EncodeWithOffsets("axyza").Select(token => (token.Start, token.End)));
        Tokenizer single = Small.Load(Small.Json(Small.Pairs(["?", "a"], [], "'unk_token':'?',")));
        Assert.Equal([1, 0, 0, 1], single.Encode("axya"));
        Tokenizer dropped = Small.Load(Small.Json(Small.Pairs(["?", "a"], [])));
        Assert.Equal([1, 1], dropped.Encode("axya"));
        Tokenizer suffixed = Small.Load(Small.Json(Small.Pairs(["a", "b", "b</w>", "ab</w>", "a</w>"], ["a b</w>"], "'end_of_word_suffix':'</w>',"), pre: "{'type':'WhitespaceSplit'}"));
        Assert.Equal([3, 4, 0, 3], suffixed.Encode("ab a aab"));
    }

    [Fact]
    public void Merges_go_by_rank_then_from_the_left_and_whole_words_when_merges_are_ignored()
    {
        string[] pieces = ["a", "b", "c", "ab", "bc", "abc", "aa"];
        Assert.Equal([0, 4], Small.Load(Small.Json(Small.Pairs(pieces, ["b c", "a b"]))).Encode("abc"));
        Assert.Equal([3, 2], Small.Load(Small.Json(Small.Pairs(pieces, ["a b", "b c"]))).Encode("abc"));
        Assert.Equal([5], Small.Load(Small.Json(Small.Pairs(pieces, ["a b", "b c"], "'ignore_merges':true,"))).Encode("abc"));
        Assert.Equal([6, 0], Small.Load(Small.Json(Small.Pairs(pieces, ["a a"]))).Encode("aaa"));
        string pairs = "{'type':'BPE','vocab':{'a':0,'b':1,'ab':2},'merges':[['a','b']]}";
        Assert.Equal([2], Small.Load(Small.Json(pairs)).Encode("ab"));
    }

    [Fact]
    public void Unigram_takes_the_most_probable_cut()
    {
        string model = "{'type':'Unigram','unk_id':0,'vocab':[['<unk>',0],['a',0],['b',0],['c',0],['d',0],['cd',1],['ab',2],['abc',5],['abcd',10]]}";
        Tokenizer tokenizer = Small.Load(Small.Json(model));
        Assert.Equal([8, 1, 5, 0], tokenizer.Encode("abcdacdxx"));
        Assert.Equal([(0, 4), (4, 5), (5, 7), (7, 9)], tokenizer.EncodeWithOffsets("abcdacdxx").Select(token => (token.Start, token.End)));
    }

    [Theory]
    [InlineData("{'type':'TemplateProcessing','single':[{'SpecialToken':{'id':'[C]','type_id':0}},{'Sequence':{'id':'A','type_id':0}},{'SpecialToken':{'id':'[S]','type_id':0}}],'pair':[],'special_tokens':{'[C]':{'id':'[C]','ids':[2],'tokens':['[C]']},'[S]':{'id':'[S]','ids':[3],'tokens':['[S]']}}}")]
    [InlineData("{'type':'BertProcessing','sep':['[S]',3],'cls':['[C]',2]}")]
    [InlineData("{'type':'Sequence','processors':[{'type':'ByteLevel','trim_offsets':true},{'type':'RobertaProcessing','sep':['[S]',3],'cls':['[C]',2],'trim_offsets':true,'add_prefix_space':false}]}")]
    public void Post_processors_put_special_tokens_around(string post)
    {
        Tokenizer tokenizer = Small.Load(Small.Json(Small.Words("?", "a", "[C]", "[S]"), post: post));
        Assert.Equal([2, 1, 3], tokenizer.Encode("a"));
        Assert.Equal([2, 3], tokenizer.Encode(""));
        Assert.Equal([1], tokenizer.Encode("a", addSpecial: false));
        Assert.Equal([(0, 0), (0, 1), (1, 1)], tokenizer.EncodeWithOffsets("a").Select(token => (token.Start, token.End)));
    }

    [Fact]
    public void Everything_written_is_read_back_the_same()
    {
        string pre = "{'type':'Sequence','pretokenizers':[{'type':'Split','pattern':{'Regex':'\\\\d+'},'behavior':'MergedWithNext','invert':true},{'type':'Metaspace','replacement':'_','prepend_scheme':'first','split':true}]}";
        string normalizer = "{'type':'Sequence','normalizers':[{'type':'NFKC'},{'type':'Strip','strip_left':true,'strip_right':true},{'type':'BertNormalizer','clean_text':true,'handle_chinese_chars':true,'strip_accents':false,'lowercase':true}]}";
        string decoder = "{'type':'Sequence','decoders':[{'type':'ByteFallback'},{'type':'Fuse'},{'type':'Strip','content':' ','start':1,'stop':0}]}";
        string added = "[{'id':3,'content':'<x>','lstrip':true,'rstrip':true,'single_word':true,'special':true,'normalized':false}]";
        Tokenizer first = Small.Load(Small.Json(Small.Pairs(["?", "a", "b", "<x>"], [], "'unk_token':'?','fuse_unk':true,"), normalizer, pre, "null", decoder, added));
        byte[] written = TokenizerJsonWriter.Write(first.Definition, indented: false);
        TokenizerDefinition second = TokenizerJsonReader.Read(written, "tokenizer.json");
        Assert.Equal(written, TokenizerJsonWriter.Write(second, indented: false));
        Assert.Equal(first.Definition.Pieces, second.Pieces);
    }
}
