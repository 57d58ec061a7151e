using System.Text;
using Caravan.Formats;

namespace Caravan.Text;

/// <summary>Makes a tokenizer of llama2.c's <c>tokenizer.bin</c>.</summary>
/// <remarks>
/// llama2.c puts a plain blank before every text that is not empty, and falls back to the tokens three above the byte; its pieces are
/// those of SentencePiece with plain blanks, and its tokens 1 and 2 begin and end a text.
/// </remarks>
internal static class Llama2cVocabulary
{
    private const int FirstByte = 3;

    /// <summary>Reads the file.</summary>
    /// <exception cref="CaravanException">The file is damaged or too small to hold the special tokens.</exception>
    public static Tokenizer Read(string path)
    {
        Llama2cTokenizerFile file = Llama2cTokenizerFile.Read(path);
        if (file.Pieces.Count < FirstByte)
            throw new CaravanException(
                $"'{path}' holds {file.Pieces.Count} tokens; a llama2.c vocabulary has at least <unk>, <s> and </s>, so export it again.");
        Piece[] pieces = new Piece[file.Pieces.Count];
        bool bytes = true;
        for (int i = 0; i < pieces.Length; i++)
        {
            string text = Encoding.UTF8.GetString(file.Pieces[i]).Replace(' ', '\u2581');
            bool isByte = i >= FirstByte && ByteFallbackDecoder.TryParse(text, out byte value) && value == i - FirstByte;
            if (i is >= FirstByte and < FirstByte + 256) bytes &= isByte;
            PieceKind kind = i == 0 ? PieceKind.Unknown : i < FirstByte ? PieceKind.Control : isByte ? PieceKind.Byte : PieceKind.Normal;
            pieces[i] = new Piece(i == 1 && text.Trim() == "<s>" ? "<s>" : i == 2 && text.Trim() == "</s>" ? "</s>" : text, file.Scores[i], kind);
        }

        return new Tokenizer(new TokenizerDefinition
        {
            Source = path,
            Model = ModelKind.ScoredPair,
            Pieces = pieces,
            ByteFallback = bytes && pieces.Length >= FirstByte + 256,
            FuseUnknown = true,
            MergesUnknown = false,
            UnknownId = 0,
            BosId = 1,
            EosId = 2,
            Before = [1],
            Added = [new AddedToken(1, "<s>") { Special = true }, new AddedToken(2, "</s>") { Special = true }],
            Normalizer = SentencePieceSteps.Normalizer(null, removeExtraBlanks: false, addPrefix: true),
            Decoder = SentencePieceSteps.Decoder(addPrefix: true),
        });
    }
}
