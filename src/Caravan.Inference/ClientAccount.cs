namespace Caravan.Inference;

/// <summary>What a client has been given, so that none takes more than its share.</summary>
internal sealed class ClientAccount
{
    /// <summary>Tokens computed for it, prompts and answers alike.</summary>
    public long Served { get; set; }

    /// <summary>Its requests that wait or run.</summary>
    public int Present { get; set; }
}
