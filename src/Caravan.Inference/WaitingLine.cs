namespace Caravan.Inference;

/// <summary>
/// The requests that wait, and who is next: the lowest priority number; among those, whoever ran already and had to give way; then the client
/// that was served least; then the oldest. A client that comes back after having had nothing here begins with the share of whoever present has
/// least, so that nobody saves up shares by staying away (virtual token counters; Sheng et al. 2024, "Fairness in Serving Large Language Models", algorithm 2).
/// </summary>
internal sealed class WaitingLine
{
    private readonly List<Sequence> waiting = [];
    private readonly Dictionary<string, ClientAccount> accounts = new(StringComparer.Ordinal);

    /// <summary>How many wait.</summary>
    public int Count => waiting.Count;

    /// <summary>Takes in a new request.</summary>
    public void Enter(Sequence sequence, string client)
    {
        if (!accounts.TryGetValue(client, out ClientAccount? account))
        {
            long least = accounts.Count == 0 ? 0 : accounts.Values.Min(present => present.Served);
            accounts[client] = account = new ClientAccount { Served = least };
        }

        account.Present++;
        sequence.Account = account;
        waiting.Add(sequence);
    }

    /// <summary>Takes back one that has to give way; it keeps its place before those that never ran.</summary>
    public void Return(Sequence sequence) => waiting.Add(sequence);

    /// <summary>Who is next; null when nobody waits.</summary>
    public Sequence? Next
    {
        get
        {
            Sequence? next = null;
            foreach (Sequence sequence in waiting)
                if (next is null || IsBefore(sequence, next)) next = sequence;
            return next;
        }
    }

    /// <summary>Lets one in.</summary>
    public void Leave(Sequence sequence) => waiting.Remove(sequence);

    /// <summary>Forgets about a request that has ended.</summary>
    public void Close(Sequence sequence, string client)
    {
        if (--sequence.Account.Present == 0) accounts.Remove(client);
    }

    /// <summary>Those that wait, in no order that matters; may be changed from the end while it is walked from there.</summary>
    public Sequence this[int index] => waiting[index];

    private static bool IsBefore(Sequence one, Sequence other)
    {
        if (one.Priority != other.Priority) return one.Priority < other.Priority;
        if (one.HasRun != other.HasRun) return one.HasRun;
        if (one.Account.Served != other.Account.Served && !one.HasRun) return one.Account.Served < other.Account.Served;
        return one.Arrival < other.Arrival;
    }
}
