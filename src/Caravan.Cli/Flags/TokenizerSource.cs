using System.CommandLine;
using Caravan.Formats;
using Caravan.Models;
using Caravan.Text;

namespace Caravan.Cli;

/// <summary>Where a verb that only needs a tokenizer finds it.</summary>
internal sealed record TokenizerSource(string? ModelPath, string? TokenizerPath)
{
    /// <summary>What the command line says.</summary>
    /// <exception cref="UsageException">Neither model nor tokenizer was given.</exception>
    public static TokenizerSource Of(ModelFlags models, ParseResult parsed)
    {
        string? tokenizer = models.TokenizerOf(parsed);
        return new TokenizerSource(tokenizer is null ? models.PathOf(parsed) : models.FindPath(parsed), tokenizer);
    }

    /// <summary>Reads the tokenizer. A model of any architecture will do, and so will a GGUF file that holds nothing else.</summary>
    /// <exception cref="CaravanException">There is none, or it is broken.</exception>
    public Tokenizer Open()
    {
        if (TokenizerPath is not null) return Tokenizer.Load(TokenizerPath);
        using Checkpoint checkpoint = CheckpointReader.Open(ModelPath!);
        return ModelTokenizer.Find(checkpoint, out string searched)
            ?? throw new CaravanException($"'{ModelPath}' came without a tokenizer: {searched}; name one with --tokenizer.");
    }
}
